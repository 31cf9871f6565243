package org.tbptt.model.dl4j;

import org.nd4j.linalg.api.buffer.DataType;
import org.tbptt.model.core.CoreConfig;
import org.tbptt.model.core.Parameters;
import org.tbptt.model.core.RnnCore;

/** Opens DL4J's own training as an engine. */
public final class Dl4jEngine {

  private Dl4jEngine() {}

  /** With the parameters that the other engines draw from the same seed. */
  public static RnnCore open(CoreConfig config, long seed) {
    return new Dl4jCore(
        config, Parameters.initial(config.shape(), config.model().init(), seed, DataType.FLOAT));
  }
}
