package org.tbptt.model.dl4j;

import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * A network whose fit goes on from the state of the fit before it: DL4J's own clears the state at
 * the start and at the end of every call, so that it would need a whole epoch in one.
 */
@SuppressWarnings("overrides") // of methods that are inherited
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
