package org.tbptt.model.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.tbptt.model.corpus.Window;
import org.tbptt.model.truncation.FullStyle;

/** The reference engine in double precision: what makes it the oracle. */
class Nd4jDoubleCoreTest extends RnnCoreContract {

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
    // The golden files' masks are read as floats: 1/keep = 1.25 is exact in them.
    return 1e-10;
  }

  @ParameterizedTest
  @EnumSource(Cell.class)
  void fullGradientsAreTheSlopesOfTheLossInTheSecondWindow(Cell cell) {
    RnnShape shape = new RnnShape(6, 3, 4, 2, 5);
    CoreConfig config =
        CoreConfigs.with(CoreConfigs.of(shape, new FullStyle(5)), cell, 0.8, Carry.STATE);
    Window first = window(shape, 1);
    Window second = window(shape, 2);
    Draws draws = Draws.of(0.8, 1, 7, 1, 1);
    try (RnnCore core =
        new Nd4jCore(
            config,
            Parameters.initial(shape, Initialiser.GLOROT, 11, DataType.DOUBLE),
            DataType.DOUBLE)) {
      core.train(first, Draws.of(0.8, 1, 7, 1, 0), 0.1);
      Gradients gradients = core.gradients(second, draws);
      double step = 1e-5;
      for (Parameter parameter : Parameter.values()) {
        INDArray weights = core.read(parameter);
        INDArray slopes = Nd4j.zerosLike(weights);
        for (long i = 0; i < weights.length(); i++) {
          double weight = weights.getDouble(i);
          core.write(parameter, weights.putScalar(i, weight + step));
          double above = core.gradients(second, draws).loss();
          core.write(parameter, weights.putScalar(i, weight - step));
          double below = core.gradients(second, draws).loss();
          core.write(parameter, weights.putScalar(i, weight));
          slopes.putScalar(i, (above - below) / (2 * step));
        }
        assertThat(relativeError(gradients.of(parameter), slopes))
            .as(parameter.symbol())
            .isLessThan(1e-7);
      }
    }
  }
}
