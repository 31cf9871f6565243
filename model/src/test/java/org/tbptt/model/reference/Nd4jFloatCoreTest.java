package org.tbptt.model.reference;

import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.tbptt.model.core.CellsContract;
import org.tbptt.model.core.CoreConfig;
import org.tbptt.model.core.Parameter;
import org.tbptt.model.core.RnnCore;
import org.tbptt.model.core.RnnCoreContract;

/** The reference engine in the precision that it trains in. */
@Tag("long")
class Nd4jFloatCoreTest extends RnnCoreContract implements CellsContract {

  @Override
  public RnnCore open(CoreConfig config, Map<Parameter, INDArray> parameters) {
    return new Nd4jCore(config, parameters, DataType.FLOAT);
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
