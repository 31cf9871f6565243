package org.tbptt.model.diagnostics;

import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.tbptt.model.core.CoreConfig;
import org.tbptt.model.core.Parameter;
import org.tbptt.model.core.RnnCore;
import org.tbptt.model.nativecore.NativeEngine;
import org.tbptt.model.nativecore.WithNativeCore;

@WithNativeCore
class NativeGradientProbeTest extends GradientProbeContract {

  @Override
  RnnCore open(CoreConfig config, Map<Parameter, INDArray> weights) {
    return new NativeEngine().open(config, weights, 1);
  }
}
