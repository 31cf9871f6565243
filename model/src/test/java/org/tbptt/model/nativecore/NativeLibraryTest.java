package org.tbptt.model.nativecore;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeLibraryTest {

  @TempDir private Path folder;

  /** The jars of two builds differ in their entries' contents alone: times are the same in all. */
  @Test
  void anotherBuildsFileOfTheSameSizeAndTimeIsReplaced() throws IOException {
    String name = folder.getFileName() + ".jar"; // JavaCPP's cache has a folder of that name
    URL first = entry(folder.resolve("first").resolve(name), "one");
    URL second = entry(folder.resolve("second").resolve(name), "two");

    File unpacked = NativeLibrary.unpack(first);
    assertThat(unpacked).hasContent("one");
    assertThat(NativeLibrary.unpack(first)).isEqualTo(unpacked).hasContent("one");
    assertThat(NativeLibrary.unpack(second)).isEqualTo(unpacked).hasContent("two");

    Files.delete(unpacked.toPath());
    Files.delete(unpacked.getParentFile().toPath());
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
