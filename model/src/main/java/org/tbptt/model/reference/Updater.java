package org.tbptt.model.reference;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.updaters.AdamUpdater;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.tbptt.model.core.CoreState;
import org.tbptt.model.core.Optimizer;
import org.tbptt.model.core.Parameter;
import org.tbptt.model.core.UpdateRule;

/**
 * Applies gradients to the parameters of the reference engine, and holds the optimiser's moments:
 * {@link Optimizer} has the formulas.
 */
final class Updater implements AutoCloseable {

  private final UpdateRule rule;
  private final SortedMap<Parameter, INDArray> parameters;
  private final Map<Parameter, INDArray> firstMoments = new TreeMap<>();
  private final Map<Parameter, INDArray> secondMoments = new TreeMap<>();
  private long steps;

  Updater(UpdateRule rule, SortedMap<Parameter, INDArray> parameters) {
    this.rule = rule;
    this.parameters = parameters;
    parameters.forEach(
        (name, value) -> {
          if (rule.optimizer().keepsFirstMoment()) {
            firstMoments.put(name, Nd4j.zerosLike(value));
          }
          if (rule.optimizer().keepsSecondMoment()) {
            secondMoments.put(name, Nd4j.zerosLike(value));
          }
        });
  }

  /** A parameter, its u or m, or its v, by the name that {@link CoreState} has for it. */
  INDArray matrix(String name) {
    for (Parameter parameter : parameters.keySet()) {
      if (name.equals(parameter.key())) {
        return parameters.get(parameter);
      } else if (name.equals(parameter.key() + CoreState.FIRST_MOMENT)) {
        return firstMoments.get(parameter);
      } else if (name.equals(parameter.key() + CoreState.SECOND_MOMENT)) {
        return secondMoments.get(parameter);
      }
    }
    throw new IllegalArgumentException(name);
  }

  /** Updates done. */
  long steps() {
    return steps;
  }

  void setSteps(long steps) {
    this.steps = steps;
  }

  /** Updates every parameter; overwrites the gradients. */
  void apply(Map<Parameter, INDArray> gradients, double learningRate) {
    gradients.forEach(
        (name, gradient) -> parameters.get(name).subi(step(name, gradient, learningRate)));
    steps++;
  }

  /** Replaces the gradient by what is to be subtracted. */
  private INDArray step(Parameter name, INDArray gradient, double learningRate) {
    INDArray first = firstMoments.get(name);
    INDArray second = secondMoments.get(name);
    switch (rule.optimizer()) {
      case SGD -> {}
      case MOMENTUM -> gradient.assign(first.muli(rule.momentum()).addi(gradient));
      case RMSPROP -> {
        INDArray square = gradient.mul(gradient).muli(1 - rule.rmsDecay());
        if (rule.rmsDecay() == 0) {
          second.assign(square); // what it was may be infinite
        } else {
          second.muli(rule.rmsDecay()).addi(square);
        }
        gradient.divi(Transforms.sqrt(second, true).addi(Optimizer.EPSILON));
      }
      case ADAM -> {
        // The operation counts from 0 and replaces the gradient by the update.
        Nd4j.exec(
            new AdamUpdater(
                gradient,
                second,
                first,
                learningRate,
                Optimizer.BETA1,
                Optimizer.BETA2,
                Optimizer.EPSILON,
                Math.toIntExact(steps)));
        return gradient;
      }
    }
    return gradient.muli(learningRate);
  }

  @Override
  public void close() {
    firstMoments.values().forEach(INDArray::close);
    secondMoments.values().forEach(INDArray::close);
  }
}
