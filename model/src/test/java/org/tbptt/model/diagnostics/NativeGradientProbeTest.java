package org.tbptt.model.diagnostics;

import org.tbptt.model.core.CoreConfig;
import org.tbptt.model.core.Engines;
import org.tbptt.model.core.RnnCore;
import org.tbptt.model.core.WithNativeCore;

@WithNativeCore
class NativeGradientProbeTest extends GradientProbeContract {

  @Override
  RnnCore open(CoreConfig config) {
    return Engines.nativeCore(config, 1);
  }
}
