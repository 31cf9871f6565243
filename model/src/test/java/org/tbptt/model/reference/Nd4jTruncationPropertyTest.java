package org.tbptt.model.reference;

import java.util.Map;
import net.jqwik.api.Tag;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.tbptt.model.core.CoreConfig;
import org.tbptt.model.core.Parameter;
import org.tbptt.model.core.RnnCore;
import org.tbptt.model.core.TruncationProperties;

/** The reference engine's styles, in double precision. */
@Tag("property")
class Nd4jTruncationPropertyTest extends TruncationProperties {

  @Override
  public RnnCore open(CoreConfig config, Map<Parameter, INDArray> parameters) {
    return new Nd4jCore(config, parameters, DataType.DOUBLE);
  }

  @Override
  public DataType type() {
    return DataType.DOUBLE;
  }

  @Override
  public double tolerance() {
    return 1e-12;
  }
}
