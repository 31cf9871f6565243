package org.tbptt.model.tensors;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The content of a safetensors file, in the file's order.
 *
 * @param metadata text by name; the name {@value Safetensors#DIGEST} is the format's own
 * @param matrices of FLOAT by name, (rows, columns) with at least one of each; closed with this
 */
public record TensorFile(Map<String, String> metadata, Map<String, INDArray> matrices)
    implements AutoCloseable {

  /**
   * @throws IllegalArgumentException if a name is reserved or something is not a matrix of FLOAT
   */
  public TensorFile {
    metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    matrices = Collections.unmodifiableMap(new LinkedHashMap<>(matrices));
    if (metadata.containsKey(Safetensors.DIGEST)) {
      throw new IllegalArgumentException(
          Safetensors.DIGEST + ": is reserved and cannot be a name of metadata");
    }
    if (matrices.containsKey(SafetensorsHeader.METADATA)) {
      throw new IllegalArgumentException(
          SafetensorsHeader.METADATA + ": is reserved and cannot be a name of a matrix");
    }
    matrices.forEach(TensorFile::check);
  }

  @Override
  public void close() {
    matrices.values().forEach(INDArray::close);
  }

  private static void check(String name, INDArray matrix) {
    if (matrix.dataType() != DataType.FLOAT || matrix.rank() != 2 || matrix.isEmpty()) {
      throw new IllegalArgumentException(
          "%s: is %s of rank %d, must be a FLOAT matrix of (rows, columns)"
              .formatted(name, matrix.dataType(), matrix.rank()));
    }
  }
}
