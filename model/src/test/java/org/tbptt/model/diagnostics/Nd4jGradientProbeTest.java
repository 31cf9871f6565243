package org.tbptt.model.diagnostics;

import org.tbptt.model.core.CoreConfig;
import org.tbptt.model.core.Engines;
import org.tbptt.model.core.RnnCore;

class Nd4jGradientProbeTest extends GradientProbeContract {

  @Override
  RnnCore open(CoreConfig config) {
    return Engines.nd4j(config, 1);
  }
}
