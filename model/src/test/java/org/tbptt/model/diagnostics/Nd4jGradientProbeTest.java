package org.tbptt.model.diagnostics;

import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.tbptt.model.core.CoreConfig;
import org.tbptt.model.core.Engines;
import org.tbptt.model.core.Parameter;
import org.tbptt.model.core.RnnCore;

class Nd4jGradientProbeTest extends GradientProbeContract {

  @Override
  RnnCore open(CoreConfig config, Map<Parameter, INDArray> weights) {
    return Engines.nd4j(config, weights);
  }
}
