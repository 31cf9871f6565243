package org.tbptt.model.core;

import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The gradients of one window.
 *
 * @param loss mean loss, nats per token
 * @param byParameter for each parameter the gradient, in the parameter's shape
 */
public record Gradients(double loss, Map<Parameter, INDArray> byParameter) {

  public Gradients {
    byParameter = Map.copyOf(byParameter);
  }

  public INDArray of(Parameter parameter) {
    return byParameter.get(parameter);
  }
}
