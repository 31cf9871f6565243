package org.tbptt.model.handover;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.tbptt.model.core.Parameter;
import org.tbptt.model.core.RnnModel;

/** Networks in DL4J's own files: zips of the configuration in JSON and the parameters. */
public final class Dl4jZip {

  /** Excludes entries that DL4J reads by Java deserialisation, such as updater.bin. */
  private static final Set<String> ENTRIES = Set.of("configuration.json", "coefficients.bin");

  private Dl4jZip() {}

  /**
   * Writes a network without the updater's state.
   *
   * @throws IOException if the file system refuses
   */
  public static void write(MultiLayerNetwork network, Path zip) throws IOException {
    network.save(zip.toFile(), false);
  }

  /**
   * Reads a network and checks its weights.
   *
   * @param model the network that it is to be
   * @param expected every parameter, in the shape that {@link Parameter} tells
   * @throws IOException if the file is not such a network; one line says why
   */
  public static MultiLayerNetwork read(Path zip, RnnModel model, Map<Parameter, INDArray> expected)
      throws IOException {
    MultiLayerNetwork network = read(zip);
    for (Map.Entry<Parameter, INDArray> each : expected.entrySet()) {
      INDArray found = find(network, model, each.getKey(), zip);
      if (!found.equalShapes(each.getValue())) {
        throw new IOException(
            "%s: %s is (%d, %d), must be (%d, %d)"
                .formatted(
                    zip,
                    each.getKey().key(),
                    found.rows(),
                    found.columns(),
                    each.getValue().rows(),
                    each.getValue().columns()));
      }
      if (!found.equalsWithEps(each.getValue(), 0)) {
        throw new IOException(zip + ": " + each.getKey().key() + " has other values");
      }
    }
    return network;
  }

  private static INDArray find(
      MultiLayerNetwork network, RnnModel model, Parameter parameter, Path zip) throws IOException {
    try {
      return Dl4jNetwork.read(network.paramTable(), model, parameter);
    } catch (RuntimeException otherLayers) {
      throw new IOException(
          zip + ": is a network without the parameter " + parameter.key(), otherLayers);
    }
  }

  private static MultiLayerNetwork read(Path zip) throws IOException {
    Set<String> found = entries(zip);
    if (!found.equals(ENTRIES)) {
      throw new IOException(
          "%s: holds %s, must hold %s"
              .formatted(
                  zip,
                  found.stream().sorted().collect(Collectors.joining(", ", "[", "]")),
                  ENTRIES.stream().sorted().collect(Collectors.joining(", ", "[", "]"))));
    }
    try {
      return MultiLayerNetwork.load(zip.toFile(), false);
    } catch (IOException | RuntimeException unreadable) {
      // DL4J and Jackson throw both for damaged files.
      throw new IOException(zip + ": is damaged, or not a DL4J network", unreadable);
    }
  }

  private static Set<String> entries(Path zip) throws IOException {
    try (ZipFile file = new ZipFile(zip.toFile())) {
      return file.stream().map(ZipEntry::getName).collect(Collectors.toSet());
    } catch (IOException | IllegalArgumentException cutOff) {
      throw new IOException(zip + ": is not a zip file, or is truncated", cutOff);
    }
  }
}
