package org.tbptt.model.nativecore;

import java.util.Map;
import net.jqwik.api.Tag;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.tbptt.model.core.CoreConfig;
import org.tbptt.model.core.Parameter;
import org.tbptt.model.core.RnnCore;
import org.tbptt.model.core.TruncationProperties;

/** The native core's styles. */
@AddLifecycleHook(WithNativeCore.Condition.class)
@Tag("property")
class NativeTruncationPropertyTest extends TruncationProperties {

  @Override
  public RnnCore open(CoreConfig config, Map<Parameter, INDArray> parameters) {
    return new NativeCore(config, 1, parameters);
  }

  @Override
  public DataType type() {
    return DataType.FLOAT;
  }

  @Override
  public double tolerance() {
    return 2e-6;
  }
}
