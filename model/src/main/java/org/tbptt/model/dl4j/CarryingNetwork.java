package org.tbptt.model.dl4j;

import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * A network that carries the state from one call of fit to the next. DL4J clears it at the start
 * and end of every call, so that a whole epoch would have to be one call.
 */
@SuppressWarnings("overrides") // in inherited methods
final class CarryingNetwork extends MultiLayerNetwork {

  CarryingNetwork(MultiLayerConfiguration configuration) {
    super(configuration);
  }

  @Override
  public void rnnClearPreviousState() {}

  void resetState() {
    super.rnnClearPreviousState();
  }
}
