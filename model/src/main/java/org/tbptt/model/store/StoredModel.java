package org.tbptt.model.store;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.tbptt.model.core.Parameter;
import org.tbptt.model.core.RnnCore;
import org.tbptt.model.core.RnnShape;
import org.tbptt.model.tensors.Safetensors;
import org.tbptt.model.tensors.TensorFile;
import org.tbptt.model.tensors.TensorFormatException;

/**
 * A trained network: a safetensors file whose matrices are named by {@link Parameter#key} and whose
 * metadata are the {@link ModelCard}, a setting each, such as "spec.training.learning-rate".
 *
 * @param card where the weights come from
 * @param weights every parameter, FLOAT, in the shape that {@link Parameter} tells; closed with
 *     this
 */
public record StoredModel(ModelCard card, Map<Parameter, INDArray> weights)
    implements AutoCloseable {

  private static final String FORMAT = "format";
  private static final String FORMAT_VALUE = "tbptt-model-1";

  /** The values of settings that older files do not have. Each new setting needs a line here. */
  private static final Map<String, String> DEFAULTS =
      Map.ofEntries(
          Map.entry("spec.truncation.history", "false"),
          Map.entry("spec.model.layers", "1"),
          Map.entry("spec.model.init-scale", "0.1"),
          Map.entry("spec.model.forget-bias", "1"),
          Map.entry("spec.training.update-every", "0"),
          Map.entry("spec.training.momentum", "0.9"),
          Map.entry("spec.training.rms-decay", "0.9"),
          Map.entry("spec.training.schedule.kind", "CONSTANT"),
          Map.entry("spec.training.schedule.factor", "1"),
          Map.entry("spec.training.schedule.epochs", "1"),
          Map.entry("spec.training.schedule.after", "0"),
          Map.entry("spec.training.clip-norm", "0"),
          Map.entry("spec.training.engine", "AUTO"),
          Map.entry("spec.training.precision", "FP32"),
          Map.entry("spec.diagnostics.windows", "0"),
          Map.entry("spec.diagnostics.max-lag", "50"),
          Map.entry("spec.diagnostics.horizon", "0"),
          Map.entry("epoch.bias-bound", "NaN"));

  /**
   * @throws IllegalArgumentException if a matrix is missing or its shape does not match the card
   */
  public StoredModel {
    requireNonNull(card, "card");
    weights = Collections.unmodifiableMap(new TreeMap<>(weights));
    for (Parameter parameter : card.shape().parameters()) {
      check(parameter, weights.get(parameter), card.shape());
    }
  }

  /** A copy of the core's current weights. */
  public static StoredModel of(ModelCard card, RnnCore core) {
    Map<Parameter, INDArray> weights = new TreeMap<>();
    for (Parameter parameter : core.shape().parameters()) {
      weights.put(parameter, core.read(parameter));
    }
    return new StoredModel(card, weights);
  }

  /**
   * Writes the file; the stream is left open.
   *
   * @throws IOException if the stream does
   */
  public void write(OutputStream out) throws IOException {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put(FORMAT, FORMAT_VALUE);
    RecordText.write(card, metadata);
    Map<String, INDArray> matrices = new LinkedHashMap<>();
    weights.forEach((parameter, matrix) -> matrices.put(parameter.key(), matrix));
    Safetensors.write(new TensorFile(metadata, matrices), out);
  }

  /**
   * Reads a file that {@link #write} made.
   *
   * @param in at the file's first byte; left open
   * @param length of the file in bytes, according to its file system
   * @throws TensorFormatException if it is not such a file or is damaged; one line says why
   * @throws IOException if the stream does
   */
  public static StoredModel read(InputStream in, long length) throws IOException {
    TensorFile file = Safetensors.read(in, length);
    try {
      Map<String, String> metadata = new LinkedHashMap<>(file.metadata());
      String format = metadata.remove(FORMAT);
      if (!FORMAT_VALUE.equals(format)) {
        throw new TensorFormatException(
            "the file's format is %s, must be %s".formatted(format, FORMAT_VALUE));
      }
      ModelCard card = RecordText.read(ModelCard.class, metadata, DEFAULTS);
      return new StoredModel(card, byParameter(file.matrices(), card.shape()));
    } catch (IllegalArgumentException impossible) {
      file.close();
      throw new TensorFormatException(impossible.getMessage(), impossible);
    } catch (IOException refused) {
      file.close();
      throw refused;
    }
  }

  /** Puts the weights into a core. */
  public void writeTo(RnnCore core) {
    weights.forEach(core::write);
  }

  @Override
  public void close() {
    weights.values().forEach(INDArray::close);
  }

  private static Map<Parameter, INDArray> byParameter(
      Map<String, INDArray> matrices, RnnShape shape) throws TensorFormatException {
    Map<Parameter, INDArray> weights = new TreeMap<>();
    Map<String, INDArray> rest = new LinkedHashMap<>(matrices);
    for (Parameter parameter : shape.parameters()) {
      INDArray matrix = rest.remove(parameter.key());
      if (matrix != null) {
        weights.put(parameter, matrix);
      }
    }
    if (!rest.isEmpty()) {
      throw new TensorFormatException(
          "the file has the matrix %s, which no model has"
              .formatted(rest.keySet().iterator().next()));
    }
    return weights;
  }

  private static void check(Parameter parameter, INDArray matrix, RnnShape shape) {
    int rows = parameter.rows(shape);
    int columns = parameter.columns(shape);
    if (matrix == null || matrix.rows() != rows || matrix.columns() != columns) {
      String found =
          matrix == null ? "missing" : "(%d, %d)".formatted(matrix.rows(), matrix.columns());
      throw new IllegalArgumentException(
          "%s is %s, must be (%d, %d)".formatted(parameter.key(), found, rows, columns));
    }
  }
}
