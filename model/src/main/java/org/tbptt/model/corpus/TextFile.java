package org.tbptt.model.corpus;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads a whole file of UTF-8 text, or says in one line why it can't. */
final class TextFile {

  private static final String BYTE_ORDER_MARK = "\uFEFF";

  private TextFile() {}

  static String read(Path file) {
    if (Files.notExists(file)) {
      throw new CorpusException(file + ": there is no such file");
    }
    if (Files.isDirectory(file)) {
      throw new CorpusException(file + ": is a directory, not a text file");
    }
    try {
      if (Files.size(file) >= Integer.MAX_VALUE) {
        throw new CorpusException(file + ": is larger than 2 GB, the most that is read");
      }
      String text = Files.readString(file);
      return text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
    } catch (CharacterCodingException e) {
      throw new CorpusException(file + ": is not valid UTF-8", e);
    } catch (AccessDeniedException e) {
      throw new CorpusException(file + ": may not be read (permission denied)", e);
    } catch (IOException e) {
      throw new CorpusException(file + ": can't be read: " + e.getMessage(), e);
    }
  }
}
