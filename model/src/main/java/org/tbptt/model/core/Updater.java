package org.tbptt.model.core;

import java.util.EnumMap;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.updaters.AdamUpdater;
import org.nd4j.linalg.factory.Nd4j;

/** Applies gradients to the parameters of the reference engine, and keeps what that needs. */
sealed interface Updater extends AutoCloseable {

  /** Moves every parameter; may overwrite the gradients. */
  void apply(Map<Parameter, INDArray> gradients);

  @Override
  void close();

  static Updater of(Optimizer optimizer, double learningRate, Map<Parameter, INDArray> parameters) {
    return switch (optimizer) {
      case SGD -> new Sgd(learningRate, parameters);
      case ADAM -> new Adam(learningRate, parameters);
    };
  }

  /** w <- w - rate * g. */
  record Sgd(double learningRate, Map<Parameter, INDArray> parameters) implements Updater {
    @Override
    public void apply(Map<Parameter, INDArray> gradients) {
      gradients.forEach(
          (parameter, gradient) -> parameters.get(parameter).subi(gradient.muli(learningRate)));
    }

    @Override
    public void close() {}
  }

  /** See {@link Optimizer#ADAM} for the formula. */
  final class Adam implements Updater {
    private final double learningRate;
    private final Map<Parameter, INDArray> parameters;
    private final Map<Parameter, INDArray> firstMoments = new EnumMap<>(Parameter.class);
    private final Map<Parameter, INDArray> secondMoments = new EnumMap<>(Parameter.class);
    private int iteration;

    Adam(double learningRate, Map<Parameter, INDArray> parameters) {
      this.learningRate = learningRate;
      this.parameters = parameters;
      parameters.forEach(
          (name, value) -> {
            firstMoments.put(name, Nd4j.zerosLike(value));
            secondMoments.put(name, Nd4j.zerosLike(value));
          });
    }

    @Override
    public void apply(Map<Parameter, INDArray> gradients) {
      gradients.forEach(
          (name, gradient) -> {
            // The operation counts from 0 and leaves the step to be taken in the gradient's place.
            Nd4j.exec(
                new AdamUpdater(
                    gradient,
                    secondMoments.get(name),
                    firstMoments.get(name),
                    learningRate,
                    Optimizer.BETA1,
                    Optimizer.BETA2,
                    Optimizer.EPSILON,
                    iteration));
            parameters.get(name).subi(gradient);
          });
      iteration++;
    }

    @Override
    public void close() {
      firstMoments.values().forEach(INDArray::close);
      secondMoments.values().forEach(INDArray::close);
    }
  }
}
