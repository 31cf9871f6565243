package org.tbptt.model.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class ParametersTest {

  private static final RnnShape SHAPE = new RnnShape(300, 50, 100, 1, 1);

  @ParameterizedTest
  @CsvSource({
    "UNIFORM_UNIT_SCALING, EMBEDDING, 0.1", // sqrt(3/300)
    "UNIFORM_UNIT_SCALING, RECURRENT, 0.14142135623730951", // sqrt(3/150)
    "UNIFORM_UNIT_SCALING, SOFTMAX, 0.17320508075688773", // sqrt(3/100)
    "GLOROT, RECURRENT, 0.1549193338482967", // sqrt(6/250)
  })
  void matricesFillTheirUniformInterval(Initialiser init, Parameter parameter, double limit) {
    INDArray matrix = Parameters.initial(SHAPE, init, 1, DataType.FLOAT).get(parameter);

    assertThat(matrix.maxNumber().doubleValue())
        .isLessThan(limit)
        .isCloseTo(limit, within(limit / 100));
    assertThat(matrix.minNumber().doubleValue())
        .isGreaterThan(-limit)
        .isCloseTo(-limit, within(limit / 100));
    // The variance of a uniform distribution is limit^2/3; 15,000 and more draws give it to 5%.
    double variance = Math.pow(matrix.norm2Number().doubleValue(), 2) / matrix.length();
    assertThat(variance / (limit * limit / 3)).isCloseTo(1, within(0.05));
  }

  @Test
  void biasesStartAtZero() {
    Map<Parameter, INDArray> parameters =
        Parameters.initial(SHAPE, Initialiser.GLOROT, 1, DataType.FLOAT);

    assertThat(parameters.get(Parameter.RECURRENT_BIAS).norm1Number().doubleValue()).isZero();
    assertThat(parameters.get(Parameter.SOFTMAX_BIAS).norm1Number().doubleValue()).isZero();
  }

  @Test
  void theSeedAloneDecides() {
    Map<Parameter, INDArray> one = Parameters.initial(SHAPE, Initialiser.GLOROT, 1, DataType.FLOAT);
    Map<Parameter, INDArray> again =
        Parameters.initial(SHAPE, Initialiser.GLOROT, 1, DataType.FLOAT);
    Map<Parameter, INDArray> other =
        Parameters.initial(SHAPE, Initialiser.GLOROT, 2, DataType.FLOAT);

    assertThat(again).isEqualTo(one);
    assertThat(other.get(Parameter.SOFTMAX)).isNotEqualTo(one.get(Parameter.SOFTMAX));
  }
}
