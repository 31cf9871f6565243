package org.tbptt.model.tensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class SafetensorsTest {

  private static final INDArray TWO_BY_THREE =
      Nd4j.createFromArray(new float[][] {{1, -2.5f, 3}, {Float.NaN, -0f, 1e-40f}});

  @Test
  void theBytesAreTheFormatsOwn() throws Exception {
    byte[] bytes = write(Map.of("epoch", "3"), Map.of("Emb", TWO_BY_THREE));

    ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int header = (int) file.getLong();
    String json = new String(bytes, Long.BYTES, header, StandardCharsets.UTF_8);
    assertThat(header % 8).isZero();
    assertThat(json.replaceFirst("[0-9a-f]{64}", "...").stripTrailing())
        .isEqualTo(
            "{\"__metadata__\":{\"sha256\":\"...\",\"epoch\":\"3\"},"
                + "\"Emb\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]}}");
    file.position(Long.BYTES + header);
    float[] values = new float[6];
    file.asFloatBuffer().get(values);
    assertThat(values).containsExactly(1, -2.5f, 3, Float.NaN, -0f, 1e-40f);
    assertThat(bytes).hasSize(Long.BYTES + header + 24);
  }

  @Test
  void theDigestIsOfTheFileWithZerosInItsPlace() throws Exception {
    byte[] bytes = write(Map.of(), Map.of("Emb", TWO_BY_THREE));
    int at = Long.BYTES + "{\"__metadata__\":{\"sha256\":\"".length();
    String digest = new String(bytes, at, 64, StandardCharsets.US_ASCII);
    Arrays.fill(bytes, at, at + 64, (byte) '0');

    assertThat(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)))
        .isEqualTo(digest);
  }

  @Test
  void viewsAreWrittenRowByRow() throws Exception {
    INDArray transposed = TWO_BY_THREE.transpose();
    try (TensorFile read = read(write(Map.of(), Map.of("W", transposed)))) {
      assertThat(read.matrices().get("W").shape()).containsExactly(3, 2);
      assertThat(read.matrices().get("W").dup('c').data().asFloat())
          .containsExactly(1, Float.NaN, -2.5f, -0f, 3, 1e-40f);
    }
  }

  @Test
  void theSameContentsAreTheSameBytes() throws Exception {
    Map<String, INDArray> matrices = new LinkedHashMap<>();
    matrices.put("Ws", Nd4j.ones(300, 200));
    matrices.put("Emb", TWO_BY_THREE);

    assertThat(write(Map.of("a", "näïve 模型 \"\\\u2028"), matrices))
        .isEqualTo(write(Map.of("a", "näïve 模型 \"\\\u2028"), matrices));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"dtype":"F16","shape":[1,1],"data_offsets":[0,4]}            | W is of type F16, must be F32
          {"dtype":"F32","shape":[1],"data_offsets":[0,4]}              | a size or an offset is not a number
          {"dtype":"F32","shape":[1,1,1],"data_offsets":[0,4]}          | the header is not that of a safetensors file
          {"dtype":"F32","shape":[0,1],"data_offsets":[0,4]}            | W has a side of 0, must be 1..2^31-1
          {"dtype":"F32","shape":[-1,-1],"data_offsets":[0,4]}          | W has a side of -1, must be 1..2^31-1
          {"dtype":"F32","shape":[1,"1"],"data_offsets":[0,4]}          | a size or an offset is not a number
          {"dtype":"F32","shape":[1,1.5],"data_offsets":[0,4]}          | the header is not that of a safetensors file
          {"dtype":"F32","shape":[1,1e99],"data_offsets":[0,4]}         | the header is not that of a safetensors file
          {"dtype":"F32","shape":[2147483648,1],"data_offsets":[0,4]}   | W has a side of 2147483648, must be 1..2^31-1
          {"dtype":"F32","shape":[65536,65536],"data_offsets":[0,4]}    | W has more than 2^31-1 elements
          {"dtype":"F32","shape":[1,1],"data_offsets":[0,8]}            | W of (1, 1) cannot be at bytes 0 to 8
          {"dtype":"F32","shape":[1,1],"data_offsets":[-4,0]}           | W of (1, 1) cannot be at bytes -4 to 0
          {"dtype":"F32","shape":[1,1],"data_offsets":[4,8]}            | W begins at 4, but the matrix before it ends at 0
          {"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}            | the file has 308 bytes, must have 312
          {"dtype":"F32","shape":[30000,60000],"data_offsets":[0,7200000000]} | the file has 308 bytes, must have 7200000304
          {"dtype":"F32","shape":[1,1]}                                 | W has no shape or no data_offsets
          {"dtype":"F32","shape":[1,1],"data_offsets":[0,4],"x":1}      | W has a property that is not known
          {"dtype":"F32","shape":[1,1],"data_offsets":[0,4]},"W":{"dtype":"F32","shape":[1,1],"data_offsets":[4,8]} | W occurs twice
          {"dtype":"F32","shape":[1,1],"data_offsets":[0,4]},"X":{"dtype":"F32","shape":[1,1],"data_offsets":[0,4]} | X begins at 0, but the matrix before it ends at 4
          {"dtype":"F32","shape":[1,1],"data_offsets":[0,4]}},{}        | the header is not that of a safetensors file
          {"dtype":"F32","shape":[1,1],"data_offsets":[0,4]             | the header is not that of a safetensors file
          [[[[[[                                                        | the header is not that of a safetensors file
          """)
  void aHeaderThatLiesIsRefused(String entry, String message) {
    String json =
        "{\"__metadata__\":{\"sha256\":\"%s\"},\"W\":%s}".formatted("0".repeat(64), entry);
    byte[] header = Arrays.copyOf(json.getBytes(StandardCharsets.UTF_8), 296);
    Arrays.fill(header, json.length(), header.length, (byte) ' ');
    ByteBuffer file = ByteBuffer.allocate(8 + 296 + 4).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(296).put(header);

    assertThatThrownBy(() -> read(file.array()))
        .isInstanceOf(TensorFormatException.class)
        .hasMessage(message);
  }

  @ParameterizedTest
  @CsvSource({"0", "-1", "9223372036854775807", "99", "301"})
  void aHeaderLengthThatCannotBeIsRefused(long length) {
    ByteBuffer file = ByteBuffer.allocate(308).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(length);

    assertThatThrownBy(() -> read(file.array()))
        .isInstanceOf(TensorFormatException.class)
        .hasMessageMatching(
            "a header of " + length + " bytes cannot be in a file of 308|the header is not.*");
  }

  @Test
  void aFileWithoutDigestIsRefused() {
    String json = "{\"__metadata__\":{\"made-by\":\"%s\"}}".formatted("x".repeat(63));
    ByteBuffer file = ByteBuffer.allocate(8 + json.length()).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(json.length()).put(json.getBytes(StandardCharsets.UTF_8));

    assertThatThrownBy(() -> read(file.array()))
        .isInstanceOf(TensorFormatException.class)
        .hasMessage("the file does not start with its digest");
  }

  @Test
  void onlyFloatMatricesUnderFreeNamesAreTaken() {
    assertThatThrownBy(
            () -> new TensorFile(Map.of(), Map.of("a", Nd4j.create(DataType.DOUBLE, 1, 1))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a: is DOUBLE of rank 2, must be a FLOAT matrix of (rows, columns)");
    assertThatThrownBy(() -> new TensorFile(Map.of("sha256", ""), Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("sha256: is reserved and cannot be a name of metadata");
    assertThatThrownBy(() -> new TensorFile(Map.of(), Map.of("__metadata__", TWO_BY_THREE)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("__metadata__: is reserved and cannot be a name of a matrix");
  }

  static byte[] write(Map<String, String> metadata, Map<String, INDArray> matrices)
      throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Safetensors.write(new TensorFile(metadata, matrices), out);
    return out.toByteArray();
  }

  static TensorFile read(byte[] bytes) throws IOException {
    return Safetensors.read(new ByteArrayInputStream(bytes), bytes.length);
  }
}
