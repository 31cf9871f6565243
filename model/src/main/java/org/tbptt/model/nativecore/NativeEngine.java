package org.tbptt.model.nativecore;

import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.nd4j.linalg.api.ndarray.INDArray;
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

/**
 * The native C++ core, for every network and style, in every precision, if its library was built.
 */
public final class NativeEngine implements Engine {

  /** Of a checkpoint: as it is read from the core, and as it is written. */
  private static final long HISTORY_COPIES = 2;

  @Override
  public String name() {
    return "native";
  }

  @Override
  public Optional<String> unavailable() {
    return NativeLibrary.problem();
  }

  @Override
  public void requireInstructionSet() {
    NativeLibrary.instructionSet(); // refuses an impossible TBPTT_ISA
  }

  @Override
  public Set<Precision> precisions() {
    return EnumSet.allOf(Precision.class);
  }

  @Override
  public void check(
      Truncation truncation,
      RnnModel model,
      UpdateRule update,
      Normalisation normalisation,
      int measuredWindows) {
    // It trains all of them.
  }

  @Override
  public long offHeapBytes(CoreConfig config) {
    RnnShape shape = config.shape();
    long history = (long) Segment.historyCapacity(config) * shape.batch() * Float.BYTES;
    return NativeCore.requiredBytes(config)
        + Parameters.TRAINER_COPIES * Parameters.bytes(shape)
        + HISTORY_COPIES * history * CoreState.historyColumns(shape);
  }

  @Override
  public RnnCore open(CoreConfig config, Map<Parameter, INDArray> parameters, int threads) {
    return new NativeCore(config, threads, parameters);
  }
}
