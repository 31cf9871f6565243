package org.tbptt.sweep.results;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.attribute.PosixFilePermissions;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuietLocalFileSystemTest {

  @TempDir private java.nio.file.Path folder;
  private FileSystem files;

  @BeforeEach
  void open() throws IOException {
    Configuration hadoop = new Configuration();
    hadoop.set("fs.file.impl", QuietLocalFileSystem.class.getName());
    hadoop.set(FsPermission.UMASK_LABEL, "027");
    files = FileSystem.newInstance(folder.toUri(), hadoop);
    assertThat(files).isInstanceOf(QuietLocalFileSystem.class);
  }

  @Test
  void filesAndFoldersHaveThePermissionsThatTheUmaskLeaves() throws Exception {
    files.create(path("a/b/file")).close();

    assertThat(permissions("a")).isEqualTo("rwxr-x---");
    assertThat(permissions("a/b")).isEqualTo("rwxr-x---");
    assertThat(permissions("a/b/file")).isEqualTo("rw-r-----");
  }

  @Test
  void permissionsAreSetAsAskedFor() throws Exception {
    files.create(path("file")).close();

    files.setPermission(path("file"), new FsPermission("0461"));

    assertThat(permissions("file")).isEqualTo("r--rw---x");
    assertThat(files.getFileStatus(path("file")).getPermission())
        .isEqualTo(new FsPermission("0461"));
  }

  @Test
  void aFolderCanBeSticky() throws Exception {
    files.mkdirs(path("sticky"));

    files.setPermission(path("sticky"), new FsPermission("1777"));

    assertThat(Files.getAttribute(folder.resolve("sticky"), "unix:mode")).isEqualTo(041777);
  }

  @Test
  void aFileThatIsNotThereIsNamed() {
    assertThatThrownBy(() -> files.setPermission(path("none"), new FsPermission("0600")))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("none");
  }

  private Path path(String name) {
    return new Path(folder.resolve(name).toUri());
  }

  private String permissions(String name) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(name)));
  }
}
