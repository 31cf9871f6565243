package org.tbptt.model.tensors;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.codec.digest.DigestUtils;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.tbptt.model.tensors.SafetensorsHeader.Entry;

/**
 * Writes and reads safetensors files (https://huggingface.co/docs/safetensors): the header's length
 * as a little-endian 64-bit number, the header in JSON, then each matrix in row-major order as
 * little-endian 32-bit floats. The metadata begin with {@value #DIGEST}: the SHA-256 of the whole
 * file, taken with 64 zeros in its own place.
 */
public final class Safetensors {

  static final String DIGEST = "sha256";

  private static final String BEFORE_DIGEST = "{\"__metadata__\":{\"sha256\":\"";
  private static final String NO_DIGEST = "0".repeat(64);

  // Spaces pad the header, so that the data begin at a multiple of 8 bytes and can be
  // memory-mapped.
  private static final int ALIGNMENT = 8;
  // The limit of the reference implementation.
  private static final int LONGEST_HEADER = 100_000_000;
  private static final int CHUNK = 1 << 16;

  private Safetensors() {}

  /**
   * Writes a file; the stream is left open.
   *
   * @throws IOException if the stream does
   */
  public static void write(TensorFile file, OutputStream out) throws IOException {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put(DIGEST, NO_DIGEST);
    metadata.putAll(file.metadata());
    List<Entry> entries = new ArrayList<>();
    long end = 0;
    for (Map.Entry<String, INDArray> each : file.matrices().entrySet()) {
      INDArray matrix = each.getValue();
      Entry entry = new Entry(each.getKey(), matrix.rows(), matrix.columns(), end);
      entries.add(entry);
      end = entry.end();
    }
    byte[] header = encode(new SafetensorsHeader(metadata, entries).json());
    if (header.length > LONGEST_HEADER) {
      throw new IOException(
          "a header of %,d bytes: at most %,d can be read"
              .formatted(header.length, LONGEST_HEADER));
    }
    MessageDigest digest = DigestUtils.getSha256Digest();
    digest.update(length(header));
    digest.update(header);
    writeMatrices(file, digest::update);
    System.arraycopy(hex(digest), 0, header, BEFORE_DIGEST.length(), NO_DIGEST.length());
    out.write(length(header));
    out.write(header);
    writeMatrices(file, out::write);
  }

  /**
   * Reads a whole file. Never allocates more than the file's size, whatever the header says.
   *
   * @param in at the file's first byte; left open
   * @param length of the file in bytes, according to its file system
   * @throws TensorFormatException if the file is truncated, damaged, has no digest or holds
   *     anything but matrices of F32
   * @throws IOException if the stream does
   */
  public static TensorFile read(InputStream in, long length) throws IOException {
    byte[] headerLength = in.readNBytes(Long.BYTES);
    refuseIf(headerLength.length < Long.BYTES, "the file is cut off");
    long bytes = little(headerLength).getLong();
    refuseIf(
        bytes < BEFORE_DIGEST.length() + NO_DIGEST.length()
            || bytes > Math.min(LONGEST_HEADER, length - Long.BYTES),
        "a header of " + bytes + " bytes cannot be in a file of " + length);
    byte[] headerText = in.readNBytes((int) bytes);
    refuseIf(headerText.length < bytes, "the file is cut off");
    SafetensorsHeader header = SafetensorsHeader.parse(decode(headerText));
    long expected = Long.BYTES + bytes + header.dataBytes();
    refuseIf(expected != length, "the file has " + length + " bytes, must have " + expected);

    MessageDigest digest = DigestUtils.getSha256Digest();
    digest.update(headerLength);
    digest.update(withoutDigest(headerText));
    Map<String, INDArray> matrices = new LinkedHashMap<>();
    try {
      for (Entry entry : header.entries()) {
        matrices.put(entry.name(), readMatrix(entry, in, digest));
      }
    } catch (IOException unreadable) {
      matrices.values().forEach(INDArray::close);
      throw unreadable;
    }
    Map<String, String> metadata = new LinkedHashMap<>(header.metadata());
    String found = metadata.remove(DIGEST);
    TensorFile file = new TensorFile(metadata, matrices);
    if (!new String(hex(digest), StandardCharsets.US_ASCII).equals(found)) {
      file.close();
      throw new TensorFormatException("the file is damaged: its SHA-256 does not match");
    }
    return file;
  }

  private static void writeMatrices(TensorFile file, ByteSink sink) throws IOException {
    byte[] chunk = new byte[CHUNK];
    for (INDArray matrix : file.matrices().values()) {
      try (INDArray rows = matrix.dup('c')) {
        FloatBuffer values = rows.data().asNioFloat();
        if (values.remaining() != matrix.length()) {
          throw new IOException(
              "a matrix of %,d numbers: at most %,d can be written"
                  .formatted(matrix.length(), values.remaining()));
        }
        while (values.hasRemaining()) {
          int count = Math.min(values.remaining(), CHUNK / Float.BYTES);
          little(chunk).asFloatBuffer().put(values.slice(values.position(), count));
          values.position(values.position() + count);
          sink.accept(chunk, 0, count * Float.BYTES);
        }
      }
    }
  }

  private static INDArray readMatrix(Entry entry, InputStream in, MessageDigest digest)
      throws IOException {
    float[] values = new float[entry.rows() * entry.columns()];
    byte[] chunk = new byte[(int) Math.min(CHUNK, entry.bytes())];
    for (int at = 0; at < values.length; ) {
      int count = Math.min(values.length - at, CHUNK / Float.BYTES);
      int got = in.readNBytes(chunk, 0, count * Float.BYTES);
      refuseIf(got < count * Float.BYTES, "the file is cut off in " + entry.name());
      digest.update(chunk, 0, got);
      little(chunk).asFloatBuffer().get(values, at, count);
      at += count;
    }
    return Nd4j.create(values, new long[] {entry.rows(), entry.columns()}, 'c');
  }

  private static byte[] encode(String json) {
    byte[] text = json.getBytes(StandardCharsets.UTF_8);
    int padded = (text.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    byte[] header = Arrays.copyOf(text, padded);
    Arrays.fill(header, text.length, padded, (byte) ' ');
    return header;
  }

  private static String decode(byte[] header) throws TensorFormatException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(header)).toString();
    } catch (CharacterCodingException malformed) {
      throw new TensorFormatException("the header is not UTF-8", malformed);
    }
  }

  private static byte[] withoutDigest(byte[] header) throws TensorFormatException {
    byte[] before = BEFORE_DIGEST.getBytes(StandardCharsets.US_ASCII);
    refuseIf(
        Arrays.mismatch(before, header) != before.length,
        "the file does not start with its digest");
    byte[] zeroed = header.clone();
    byte[] zeros = NO_DIGEST.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(zeros, 0, zeroed, before.length, zeros.length);
    return zeroed;
  }

  private static byte[] length(byte[] header) {
    byte[] bytes = new byte[Long.BYTES];
    little(bytes).putLong(header.length);
    return bytes;
  }

  private static byte[] hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest()).getBytes(StandardCharsets.US_ASCII);
  }

  private static ByteBuffer little(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static void refuseIf(boolean wrong, String message) throws TensorFormatException {
    if (wrong) {
      throw new TensorFormatException(message);
    }
  }

  private interface ByteSink {
    void accept(byte[] bytes, int offset, int count) throws IOException;
  }
}
