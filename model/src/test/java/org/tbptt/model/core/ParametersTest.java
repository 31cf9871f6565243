package org.tbptt.model.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.nd4j.linalg.indexing.NDArrayIndex.all;
import static org.nd4j.linalg.indexing.NDArrayIndex.interval;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class ParametersTest {

  private static final RnnShape SHAPE = new RnnShape(300, 50, 100, 1, 1);

  @ParameterizedTest
  @CsvSource({
    "UNIFORM_UNIT_SCALING, embedding, 0.1", // sqrt(3/300)
    "UNIFORM_UNIT_SCALING, recurrent, 0.14142135623730951", // sqrt(3/150)
    "UNIFORM_UNIT_SCALING, softmax, 0.17320508075688773", // sqrt(3/100)
    "GLOROT, recurrent, 0.1549193338482967", // sqrt(6/250)
  })
  void matricesFillTheirUniformInterval(Initialiser init, String key, double limit) {
    INDArray matrix =
        CoreConfigs.parameters(SHAPE, init, 1, DataType.FLOAT).entrySet().stream()
            .filter(entry -> entry.getKey().key().equals(key))
            .map(Map.Entry::getValue)
            .findAny()
            .orElseThrow();

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
        CoreConfigs.parameters(SHAPE, Initialiser.GLOROT, 1, DataType.FLOAT);

    assertThat(parameters.get(Parameter.RECURRENT_BIAS).norm1Number().doubleValue()).isZero();
    assertThat(parameters.get(Parameter.SOFTMAX_BIAS).norm1Number().doubleValue()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 100})
  void theRecurrentBlockOfOrthogonalKeepsLengths(int hidden) {
    RnnShape shape = new RnnShape(3, 2, hidden, 1, 1);
    INDArray block = recurrentBlock(shape, Initialiser.ORTHOGONAL, 1);

    INDArray product = block.transpose().mmul(block);

    assertThat(product.sub(Nd4j.eye(hidden).castTo(DataType.DOUBLE)).amaxNumber().doubleValue())
        .isLessThan(1e-12);
  }

  @Test
  void allOrthogonalMatricesAreEquallyLikely() {
    RnnShape shape = new RnnShape(1, 1, 2, 1, 1);
    int rotations = 0;
    double firstElements = 0;
    for (int seed = 0; seed < 1000; seed++) {
      INDArray block = recurrentBlock(shape, Initialiser.ORTHOGONAL, seed);
      double determinant =
          block.getDouble(0, 0) * block.getDouble(1, 1)
              - block.getDouble(0, 1) * block.getDouble(1, 0);
      rotations += determinant > 0 ? 1 : 0;
      firstElements += block.getDouble(0, 0);
    }
    // Half of them rotate, half reflect; an element has mean 0 and variance 1/2: five deviations.
    assertThat(rotations).isBetween(500 - 79, 500 + 79);
    assertThat(firstElements / 1000).isCloseTo(0, within(5 * Math.sqrt(0.5 / 1000)));
  }

  @Test
  void theRecurrentBlockOfIdentityIsTheIdentity() {
    assertThat(recurrentBlock(SHAPE, Initialiser.IDENTITY, 1))
        .isEqualTo(Nd4j.eye(100).castTo(DataType.DOUBLE));
  }

  @ParameterizedTest
  @EnumSource(names = {"ORTHOGONAL", "IDENTITY"})
  void allButTheRecurrentBlockIsAsUnderGlorot(Initialiser init) {
    Map<Parameter, INDArray> parameters = CoreConfigs.parameters(SHAPE, init, 1, DataType.FLOAT);
    Map<Parameter, INDArray> glorot =
        CoreConfigs.parameters(SHAPE, Initialiser.GLOROT, 1, DataType.FLOAT);

    INDArray inputWeights = parameters.get(Parameter.RECURRENT).get(interval(0, 50), all());
    assertThat(inputWeights).isEqualTo(glorot.get(Parameter.RECURRENT).get(interval(0, 50), all()));
    for (Parameter same : SHAPE.parameters()) {
      if (same.equals(Parameter.RECURRENT)) {
        continue;
      }
      assertThat(parameters.get(same)).as(same.symbol()).isEqualTo(glorot.get(same));
    }
  }

  private static INDArray recurrentBlock(RnnShape shape, Initialiser init, long seed) {
    return CoreConfigs.parameters(shape, init, seed, DataType.DOUBLE)
        .get(Parameter.RECURRENT)
        .get(interval(shape.embedding(), shape.embedding() + shape.hidden()), all());
  }

  @Test
  void theSeedAloneDecides() {
    Map<Parameter, INDArray> one =
        CoreConfigs.parameters(SHAPE, Initialiser.GLOROT, 1, DataType.FLOAT);
    Map<Parameter, INDArray> again =
        CoreConfigs.parameters(SHAPE, Initialiser.GLOROT, 1, DataType.FLOAT);
    Map<Parameter, INDArray> other =
        CoreConfigs.parameters(SHAPE, Initialiser.GLOROT, 2, DataType.FLOAT);

    assertThat(again).isEqualTo(one);
    assertThat(other.get(Parameter.SOFTMAX)).isNotEqualTo(one.get(Parameter.SOFTMAX));
  }
}
