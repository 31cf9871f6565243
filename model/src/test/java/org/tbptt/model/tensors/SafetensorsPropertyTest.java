package org.tbptt.model.tensors;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

@Tag("property")
class SafetensorsPropertyTest {

  @Property(tries = 200)
  void whatIsWrittenIsReadBitForBit(
      @ForAll("metadata") Map<String, String> metadata,
      @ForAll("matrices") Map<String, INDArray> matrices)
      throws IOException {
    try (TensorFile read = SafetensorsTest.read(SafetensorsTest.write(metadata, matrices))) {
      assertThat(read.metadata()).isEqualTo(metadata);
      assertThat(read.matrices().keySet()).containsExactlyElementsOf(matrices.keySet());
      matrices.forEach(
          (name, matrix) -> {
            assertThat(read.matrices().get(name).shape()).isEqualTo(matrix.shape());
            assertThat(bits(read.matrices().get(name))).isEqualTo(bits(matrix));
          });
    }
  }

  @Property(tries = 500)
  void anyChangedBitIsNoticed(
      @ForAll("matrices") Map<String, INDArray> matrices, @ForAll int where, @ForAll byte which)
      throws IOException {
    byte[] bytes = SafetensorsTest.write(Map.of("epoch", "1"), matrices);
    bytes[Math.floorMod(where, bytes.length)] ^= (byte) (1 << (which & 7));

    assertThatThrownBy(() -> SafetensorsTest.read(bytes)).isInstanceOf(TensorFormatException.class);
  }

  @Property(tries = 200)
  void aFileThatIsCutOffIsNoticed(
      @ForAll("matrices") Map<String, INDArray> matrices, @ForAll int where) throws IOException {
    byte[] whole = SafetensorsTest.write(Map.of(), matrices);
    byte[] part = Arrays.copyOf(whole, Math.floorMod(where, whole.length));

    assertThatThrownBy(() -> SafetensorsTest.read(part)).isInstanceOf(TensorFormatException.class);
    // As when the file shrinks after its length was asked for.
    assertThatThrownBy(() -> Safetensors.read(new ByteArrayInputStream(part), whole.length))
        .isInstanceOf(TensorFormatException.class);
  }

  @Property(tries = 1000)
  void bytesOfAnyKindAreReadOrRefused(@ForAll byte[] noise, @ForAll boolean plausible) {
    byte[] bytes = plausible ? Arrays.copyOf(noise, noise.length + 100) : noise;
    if (plausible) {
      Arrays.fill(bytes, 0, Math.min(8, bytes.length), (byte) 0);
      bytes[0] = (byte) (bytes.length - 8);
    }

    assertThatThrownBy(() -> SafetensorsTest.read(bytes)).isInstanceOf(TensorFormatException.class);
  }

  @Provide
  Arbitrary<Map<String, String>> metadata() {
    return Arbitraries.maps(texts().filter(name -> !name.equals(Safetensors.DIGEST)), texts())
        .ofMaxSize(5);
  }

  @Provide
  Arbitrary<Map<String, INDArray>> matrices() {
    Arbitrary<String> names = texts().filter(name -> !name.equals(SafetensorsHeader.METADATA));
    Arbitrary<INDArray> matrices =
        Combinators.combine(
                Arbitraries.integers().between(1, 9),
                Arbitraries.integers().between(1, 9),
                Arbitraries.randomValue(random -> random))
            .as(
                (rows, columns, random) -> {
                  float[] values = new float[rows * columns];
                  for (int i = 0; i < values.length; i++) {
                    values[i] = (float) random.nextGaussian();
                  }
                  return Nd4j.create(values, new long[] {rows, columns}, 'c');
                });
    return Arbitraries.maps(names, matrices).ofMaxSize(4).map(LinkedHashMap::new);
  }

  private static int[] bits(INDArray matrix) {
    float[] values = matrix.dup('c').data().asFloat();
    int[] bits = new int[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToRawIntBits(values[i]);
    }
    return bits;
  }

  /** Text that UTF-8 has bytes for: no halves of surrogate pairs. */
  private static Arbitrary<String> texts() {
    return Arbitraries.strings().map(text -> new String(text.getBytes(UTF_8), UTF_8));
  }
}
