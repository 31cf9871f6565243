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
import org.tbptt.model.core.Segment;
import org.tbptt.model.core.UpdateRule;
import org.tbptt.model.truncation.Truncation;

/** The reference: plain ND4J operations, for every style, on every machine that ND4J runs on. */
public final class Nd4jEngine implements Engine {

  // The parameters and two moments.
  private static final int OWN_COPIES = 3;

  // Of a window's arrays: gradients and the update's temporaries.
  private static final int WINDOW_COPIES = 4;

  // Numbers per unit of a layer's bias: of a step forward and its gradients, and of a step through
  // which an error goes back. Counted with tanh, lstm and gru; Nd4jEngineTest compares.
  private static final long FORWARD = 14;
  private static final long BACK = 6;

  // As they are held, cut out, joined with a window's, and joined for the next window.
  private static final int HISTORY_COPIES = 5;

  // A workspace is made larger by this than what it is known to need.
  private static final double SPARE = 1.3;

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

  /** An estimate: nothing that a window makes is given back before its end. */
  @Override
  public long offHeapBytes(CoreConfig config) {
    RnnShape shape = config.shape();
    Truncation truncation = config.truncation();
    long stepsBack = stepsBack(config, truncation.longestBpttSteps());
    if (truncation.allowedBias().isPresent()) { // n may also be one that takes more than one pass
      stepsBack = Math.max(stepsBack, stepsBack(config, Math.max(1, config.steps() - 1)));
    }
    long units = (long) shape.layers() * shape.cell().biases() * shape.hidden();
    long history =
        (long) Segment.historyCapacity(config) * shape.batch() * CoreState.historyColumns(shape);
    long numbers =
        shape.tokens() * (shape.vocabulary() + shape.embedding() + FORWARD * units)
            + stepsBack * shape.batch() * BACK * units
            + HISTORY_COPIES * history;
    long parameters = Parameters.bytes(shape);
    return Math.round(SPARE * (Float.BYTES * numbers + WINDOW_COPIES * parameters))
        + (OWN_COPIES + Parameters.TRAINER_COPIES) * parameters;
  }

  /** Of the part of a window that has most. */
  private static long stepsBack(CoreConfig config, int bpttSteps) {
    return Segment.partsOf(config.truncation(), bpttSteps, config.steps(), config.update().every())
        .stream()
        .mapToLong(Segment::stepsBack)
        .max()
        .orElseThrow();
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
