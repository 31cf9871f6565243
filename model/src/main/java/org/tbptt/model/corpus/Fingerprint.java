package org.tbptt.model.corpus;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * A SHA-256 over a corpus. Every part is preceded by its length, so that different parts never give
 * the same bytes.
 */
final class Fingerprint {

  private static final int INTS_AT_ONCE = 4096;

  private final MessageDigest digest = DigestUtils.getSha256Digest();
  private final ByteBuffer buffer = ByteBuffer.allocate(INTS_AT_ONCE * Integer.BYTES);

  Fingerprint words(List<String> words) {
    ints(words.size());
    for (String word : words) {
      byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
      ints(bytes.length);
      digest.update(bytes);
    }
    return this;
  }

  Fingerprint stream(TokenStream stream) {
    ints(stream.shift(), stream.tokens());
    ints(stream.inputs());
    ints(stream.targets());
    return this;
  }

  /** The first of the 64 hexadecimal digits; ends the fingerprint. */
  String firstDigits(int count) {
    return HexFormat.of().formatHex(digest.digest()).substring(0, count);
  }

  private void ints(int... values) {
    for (int start = 0; start < values.length; start += INTS_AT_ONCE) {
      int count = Math.min(INTS_AT_ONCE, values.length - start);
      buffer.asIntBuffer().put(values, start, count);
      digest.update(buffer.array(), 0, count * Integer.BYTES);
    }
  }
}
