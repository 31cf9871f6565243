package org.tbptt.sweep.models;

import java.util.Arrays;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.NoOp;
import org.tbptt.model.handover.Dl4jNetwork;
import org.tbptt.model.random.Philox;
import org.tbptt.model.random.Purpose;
import org.tbptt.model.store.StoredModel;

/** Samples tokens from a language model. */
public final class TextGenerator implements AutoCloseable {

  private final MultiLayerNetwork network;

  public TextGenerator(StoredModel model) {
    network = Dl4jNetwork.of(model.card().spec().model(), model.weights(), new NoOp());
  }

  /**
   * Continues a prompt. The same arguments give the same tokens.
   *
   * @param prompt ids, at least one
   * @param count tokens to draw
   * @param temperature divides the logits, 0 or more; 0 always takes the most likely token
   * @param seed of the random numbers
   * @return the drawn ids
   */
  public int[] generate(int[] prompt, int count, double temperature, long seed) {
    network.rnnClearPreviousState();
    double[] probabilities = {};
    for (int token : prompt) {
      probabilities = step(token);
    }
    int[] words = Philox.words(seed, Purpose.SAMPLING, 0, 0, count);
    int[] drawn = new int[count];
    for (int i = 0; i < count; i++) {
      double uniform = Integer.toUnsignedLong(words[i]) * 0x1p-32;
      drawn[i] =
          temperature == 0 ? likeliest(probabilities) : draw(probabilities, temperature, uniform);
      probabilities = step(drawn[i]);
    }
    return drawn;
  }

  @Override
  public void close() {
    network.close();
  }

  private double[] step(int token) {
    INDArray output = network.rnnTimeStep(Dl4jNetwork.ids(new int[] {token})); // (1,V,1)
    return output.ravel().toDoubleVector();
  }

  private static int likeliest(double[] probabilities) {
    int best = 0;
    for (int i = 1; i < probabilities.length; i++) {
      best = probabilities[i] > probabilities[best] ? i : best;
    }
    return best;
  }

  /** By (p/largest)^(1/temperature): the division prevents underflow. */
  private static int draw(double[] probabilities, double temperature, double uniform) {
    double largest = probabilities[likeliest(probabilities)];
    double[] weights =
        Arrays.stream(probabilities).map(p -> Math.pow(p / largest, 1 / temperature)).toArray();
    double left = uniform * Arrays.stream(weights).sum();
    for (int i = 0; i < weights.length; i++) {
      left -= weights[i];
      if (left < 0) {
        return i;
      }
    }
    return likeliest(probabilities);
  }
}
