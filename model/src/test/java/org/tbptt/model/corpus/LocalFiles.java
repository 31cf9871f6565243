package org.tbptt.model.corpus;

import java.nio.file.Files;
import java.nio.file.Path;

/** Texts on the local disk, for tests. */
final class LocalFiles {

  static final TextFiles FILES = name -> Files.newInputStream(Path.of(name));

  private LocalFiles() {}
}
