package org.tbptt.model.nativecore;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeLibraryTest {

  @TempDir private Path folder;

  /** The jars of two builds differ in their entries' contents alone: times are the same in all. */
  @Test
  void buildsWhoseFilesHaveTheSameSizeAndTimeDoNotReplaceEachOthers() throws IOException {
    URL first = entry(folder.resolve("first").resolve("app.jar"), "one " + folder);
    URL second = entry(folder.resolve("second").resolve("app.jar"), "two " + folder);

    Path one = NativeLibrary.unpack(first);
    Path two = NativeLibrary.unpack(second);
    assertThat(one).hasContent("one " + folder).hasFileName("library.so");
    assertThat(two).hasContent("two " + folder);
    assertThat(NativeLibrary.unpack(first)).isEqualTo(one);

    Files.writeString(one, "half"); // by a machine that lost power
    assertThat(NativeLibrary.unpack(first)).isEqualTo(one).hasContent("one " + folder);

    for (Path file : List.of(one, two)) {
      Files.delete(file);
      Files.delete(file.getParent()); // nothing else is left in it
    }
  }

  private static URL entry(Path jar, String contents) throws IOException {
    Files.createDirectories(jar.getParent());
    try (OutputStream file = Files.newOutputStream(jar);
        ZipOutputStream zip = new ZipOutputStream(file)) {
      ZipEntry entry = new ZipEntry("library.so");
      entry.setTime(1_700_000_000_000L);
      zip.putNextEntry(entry);
      zip.write(contents.getBytes(StandardCharsets.US_ASCII));
    }
    return URI.create("jar:" + jar.toUri() + "!/library.so").toURL();
  }
}
