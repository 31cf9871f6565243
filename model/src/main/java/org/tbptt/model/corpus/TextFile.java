package org.tbptt.model.corpus;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.function.IntConsumer;

/** Reads a file of UTF-8 text in pieces; errors are one line. */
final class TextFile {

  private static final int BUFFER = 1 << 16;
  private static final int BYTE_ORDER_MARK = '\uFEFF';

  private final String file;
  private final IntConsumer characters;
  private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
  private long offset;
  private long line = 1;
  private int last = '\n';

  private TextFile(String file, IntConsumer characters) {
    this.file = file;
    this.characters = characters;
  }

  /**
   * Passes on the code points one by one, without a byte order mark. If the last line has no
   * newline, adds one, so that the same lines are the same text.
   *
   * @throws CorpusException when the file can't be read as UTF-8
   */
  static void read(String file, TextFiles files, IntConsumer characters) {
    try (InputStream in = files.open(file)) {
      new TextFile(file, characters).decode(in);
    } catch (FileNotFoundException | NoSuchFileException e) {
      throw new CorpusException(file + ": there is no such file", e);
    } catch (AccessDeniedException e) {
      throw new CorpusException(file + ": cannot be read (permission denied)", e);
    } catch (IOException e) {
      throw new CorpusException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private void decode(InputStream in) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(BUFFER);
    CharBuffer text = CharBuffer.allocate(BUFFER); // a code point never has fewer bytes than chars
    boolean more = true;
    while (more) {
      int read = in.read(bytes.array(), bytes.position(), bytes.remaining());
      more = read >= 0;
      bytes.position(bytes.position() + Math.max(0, read)).flip();
      CoderResult result = decoder.decode(bytes, text, !more);
      handOver(text.flip(), offset == 0);
      text.clear();
      offset += bytes.position();
      if (result.isError()) {
        throw new CorpusException(
            "%s: is not valid UTF-8: byte 0x%02X at offset %d, in line %d"
                .formatted(file, bytes.get(bytes.position()), offset, line));
      }
      bytes.compact();
    }
    if (last != '\n') {
      characters.accept('\n');
    }
  }

  private void handOver(CharBuffer text, boolean atStart) {
    int skipped = atStart && text.length() > 0 && text.charAt(0) == BYTE_ORDER_MARK ? 1 : 0;
    text.subSequence(skipped, text.length())
        .codePoints()
        .forEach(
            character -> {
              if (character == '\n') {
                line++;
              }
              last = character;
              characters.accept(character);
            });
  }
}
