package org.tbptt.model.core;

import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** An engine and what can be asked of its numbers. */
interface EngineUnderTest {

  /** Opens the engine on these parameters, which it may keep. */
  RnnCore open(CoreConfig config, Map<Parameter, INDArray> parameters);

  /** The arithmetic of {@link #open}'s arrays. */
  DataType type();

  /** The largest relative L2 error that its rounding excuses in a gradient. */
  double tolerance();

  /** The engine with parameters drawn from a seed. */
  default RnnCore open(CoreConfig config, long seed) {
    return open(config, Parameters.initial(config.model(), config.shape(), seed, type()));
  }
}
