package org.tbptt.sweep.results;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {

  private static final int WRITES = 30;
  private static final int LENGTH = 300_000;

  @TempDir private java.nio.file.Path folder;

  @Test
  void twoWritersAreNotInEachOthersWayAndTheFileIsThereAndWholeAllTheTime() throws Exception {
    java.nio.file.Path target = folder.resolve("file");
    String a = "a".repeat(LENGTH);
    String b = "b".repeat(LENGTH);
    write(target, a);

    CompletableFuture<Void> one = CompletableFuture.runAsync(() -> writeOften(target, a));
    CompletableFuture<Void> other = CompletableFuture.runAsync(() -> writeOften(target, b));
    CompletableFuture<Void> both = CompletableFuture.allOf(one, other);
    do {
      String found = Files.readString(target);
      assertThat(found.equals(a) || found.equals(b)).as("%d bytes", found.length()).isTrue();
    } while (!both.isDone());

    assertThat(both).isCompleted();
  }

  @Test
  void onALocalDiskItsBytesAreForcedBeforeItTakesItsName() throws Exception {
    Configuration hadoop = new Configuration();
    hadoop.set("fs.file.impl", Recording.class.getName());
    hadoop.setBoolean("fs.file.impl.disable.cache", true); // nobody else gets one
    java.nio.file.Path target = folder.resolve("file");
    Recording.FORCED.clear();

    AtomicFile.write(
        new Path(target.toString()),
        hadoop,
        temporary -> {
          try (FSDataOutputStream out = temporary.getFileSystem(hadoop).create(temporary)) {
            out.write("text".getBytes(StandardCharsets.UTF_8));
          }
        });

    assertThat(Recording.FORCED).containsExactly("_writing-*-file: text, file is not there");
    assertThat(target).content().isEqualTo("text");
  }

  @Test
  void aFailureIsToldThoughWhatWasBegunCannotBeDeleted() {
    Configuration hadoop = new Configuration();
    hadoop.set("fs.file.impl", Undeletable.class.getName());
    hadoop.setBoolean("fs.file.impl.disable.cache", true);

    assertThatThrownBy(
            () ->
                AtomicFile.write(
                    new Path(folder.resolve("file").toString()),
                    hadoop,
                    temporary -> {
                      throw new IOException("No space left on device");
                    }))
        .hasMessage("No space left on device")
        .hasSuppressedException(new IOException("is not deleted"));
  }

  /** Deletes nothing. */
  static final class Undeletable extends QuietLocalFileSystem {

    @Override
    public boolean delete(Path path, boolean recursive) throws IOException {
      throw new IOException("is not deleted");
    }
  }

  /** Notes what is forced, and whether the target is there then. */
  static final class Recording extends QuietLocalFileSystem {

    static final List<String> FORCED = new ArrayList<>();

    @Override
    void force(Path path) throws IOException {
      super.force(path);
      java.nio.file.Path file = pathToFile(path).toPath();
      FORCED.add(
          "%s: %s, file is %s"
              .formatted(
                  file.getFileName().toString().replaceAll("-.*-", "-*-"),
                  Files.readString(file),
                  Files.exists(file.resolveSibling("file")) ? "there" : "not there"));
    }
  }

  private static void writeOften(java.nio.file.Path target, String text) {
    for (int i = 0; i < WRITES; i++) {
      write(target, text);
    }
  }

  private static void write(java.nio.file.Path target, String text) {
    Configuration hadoop = new Configuration();
    try {
      AtomicFile.write(
          new Path(target.toString()),
          hadoop,
          temporary -> {
            try (FSDataOutputStream out = temporary.getFileSystem(hadoop).create(temporary)) {
              out.write(text.getBytes(StandardCharsets.UTF_8));
            }
          });
    } catch (IOException refused) {
      throw new AssertionError(refused);
    }
  }
}
