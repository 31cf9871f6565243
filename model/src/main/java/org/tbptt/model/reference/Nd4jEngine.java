package org.tbptt.model.reference;

import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.tbptt.model.core.CoreConfig;
import org.tbptt.model.core.CoreState;
import org.tbptt.model.core.Engine;
import org.tbptt.model.core.Normalisation;
import org.tbptt.model.core.Parameter;
import org.tbptt.model.core.Parameters;
import org.tbptt.model.core.Precision;
import org.tbptt.model.core.RnnCore;
import org.tbptt.model.core.RnnModel;
import org.tbptt.model.core.RnnShape;
import org.tbptt.model.core.UpdateRule;
import org.tbptt.model.truncation.Truncation;

/** The reference: plain ND4J operations, for every style, on every machine that ND4J runs on. */
public final class Nd4jEngine implements Engine {

  // The parameters, their gradient, two moments and a temporary.
  private static final int OWN_COPIES = 5;

  @Override
  public String name() {
    return "nd4j";
  }

  @Override
  public Optional<String> unavailable() {
    return Optional.empty();
  }

  @Override
  public Set<Precision> precisions() {
    return EnumSet.of(Precision.FP32);
  }

  @Override
  public void check(
      Truncation truncation,
      RnnModel model,
      UpdateRule update,
      Normalisation normalisation,
      int measuredWindows) {
    // It trains everything.
  }

  /** An estimate: the temporaries of ND4J's operations are not counted one by one. */
  @Override
  public long offHeapBytes(CoreConfig config) {
    RnnShape shape = config.shape();
    // Logits, their exponentials and their gradients; what a layer keeps of each step, and the
    // errors
    // on it.
    long perLayer = 2L * shape.cell().gates() * shape.hidden();
    long perToken =
        3L * shape.vocabulary() + 2L * CoreState.historyColumns(shape) + shape.layers() * perLayer;
    return (long) Float.BYTES * shape.tokens() * perToken
        + (OWN_COPIES + Parameters.TRAINER_COPIES) * Parameters.bytes(shape);
  }

  @Override
  public RnnCore open(CoreConfig config, Map<Parameter, INDArray> parameters, int threads) {
    Map<Parameter, INDArray> copies = new TreeMap<>();
    parameters.forEach(
        (parameter, matrix) ->
            copies.put(parameter, Nd4j.create(DataType.FLOAT, matrix.shape(), 'c').assign(matrix)));
    return new Nd4jCore(config, copies, DataType.FLOAT);
  }
}
