package org.tbptt.model.corpus;

import java.io.IOException;
import java.io.InputStream;

/** Where corpus sources read texts from: a file system, or several. */
public interface TextFiles {

  /**
   * Opens a text at its start. A source opens each text twice, to count its tokens and to encode
   * them.
   *
   * @param name as the source was given it, with or without the name of a file in that folder
   * @throws java.io.FileNotFoundException or
   * @throws java.nio.file.NoSuchFileException if there is no such file
   * @throws java.nio.file.AccessDeniedException if it may not be read
   * @throws CorpusException if it is not a text; the message is one line that names it
   * @throws IOException if it cannot be read; the message is a reason
   */
  InputStream open(String name) throws IOException;
}
