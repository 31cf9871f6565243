package org.tbptt.model.handover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.NoOp;
import org.tbptt.model.core.Carry;
import org.tbptt.model.core.Cell;
import org.tbptt.model.core.CoreConfigs;
import org.tbptt.model.core.Initialiser;
import org.tbptt.model.core.Parameter;
import org.tbptt.model.core.RnnModel;
import org.tbptt.model.core.RnnShape;

class Dl4jZipTest {

  private static final RnnModel MODEL =
      new RnnModel(Cell.TANH, 5, 3, 1, Initialiser.GLOROT, Carry.STATE);

  @TempDir private Path folder;
  private Map<Parameter, INDArray> weights;
  private Path zip;

  @BeforeEach
  void write() throws IOException {
    zip = folder.resolve("model.zip");
    weights = weights(7);
    Dl4jZip.write(Dl4jNetwork.of(MODEL, weights, new NoOp()), zip);
  }

  @Test
  void whatIsWrittenIsRead() throws IOException {
    assertThat(Dl4jNetwork.read(Dl4jZip.read(zip, MODEL, weights).paramTable(), MODEL))
        .isEqualTo(weights);
  }

  @Test
  void aNetworkOfAnotherShapeOrOtherWeightsIsRefusedWithBoth() {
    assertThatThrownBy(() -> Dl4jZip.read(zip, MODEL, weights(8)))
        .hasMessage(zip + ": embedding is (7, 3), must be (8, 3)");
    weights.get(Parameter.SOFTMAX).putScalar(0, 99);
    assertThatThrownBy(() -> Dl4jZip.read(zip, MODEL, weights))
        .hasMessage(zip + ": softmax has other values");
  }

  @Test
  void aZipThatIsCutOffAnywhereIsRefused() throws IOException {
    byte[] whole = Files.readAllBytes(zip);
    for (int length = 0; length < whole.length; length += 1 + length / 20) {
      Files.write(zip, Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> Dl4jZip.read(zip, MODEL, weights))
          .isInstanceOf(IOException.class)
          .hasMessage(zip + ": is not a zip file, or is truncated");
    }
  }

  @Test
  void changedBytesAreReadRightOrRefused() throws IOException {
    byte[] whole = Files.readAllBytes(zip);
    Random random = new Random(1);
    int refused = 0;
    for (int i = 0; i < 60; i++) {
      byte[] changed = whole.clone();
      changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
      Files.write(zip, changed);
      try {
        assertThat(Dl4jNetwork.read(Dl4jZip.read(zip, MODEL, weights).paramTable(), MODEL))
            .isEqualTo(weights);
      } catch (IOException noticed) {
        assertThat(noticed).hasMessageStartingWith(zip + ": ");
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(30);
  }

  @Test
  void whatWouldBeDeserialisedIsNotEvenOpened() throws IOException {
    try (FileSystem inside =
        FileSystems.newFileSystem(URI.create("jar:" + zip.toUri()), Map.of())) {
      Files.write(inside.getPath("updater.bin"), new byte[] {1, 2, 3});
    }
    assertThatThrownBy(() -> Dl4jZip.read(zip, MODEL, weights))
        .hasMessage(
            zip
                + ": holds [coefficients.bin, configuration.json, updater.bin],"
                + " must hold [coefficients.bin, configuration.json]");
  }

  private static Map<Parameter, INDArray> weights(int vocabulary) {
    return CoreConfigs.parameters(
        new RnnShape(vocabulary, 3, 5, 1, 1), Initialiser.GLOROT, 1, DataType.FLOAT);
  }
}
