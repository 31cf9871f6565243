package org.tbptt.sweep.models;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.tbptt.model.core.Carry;
import org.tbptt.model.core.CoreConfig;
import org.tbptt.model.core.Normalisation;
import org.tbptt.model.core.Optimizer;
import org.tbptt.model.core.Precision;
import org.tbptt.model.core.RnnCore;
import org.tbptt.model.core.UpdateRule;
import org.tbptt.model.corpus.Window;
import org.tbptt.model.engines.EngineChoice;
import org.tbptt.model.random.Philox;
import org.tbptt.model.random.Purpose;
import org.tbptt.model.store.StoredModel;
import org.tbptt.model.truncation.TensorFlowStyle;

/** Samples tokens from a language model. */
public final class TextGenerator implements AutoCloseable {

  private final RnnCore core;

  public TextGenerator(StoredModel model) {
    CoreConfig oneToken =
        new CoreConfig(
            model.card().vocabularySize(),
            1,
            1,
            model.card().spec().model().carrying(Carry.STATE),
            new TensorFlowStyle(1),
            UpdateRule.of(Optimizer.SGD),
            Normalisation.MEAN,
            Precision.FP32);
    core = EngineChoice.AUTO.open(oneToken, 0, 1);
    model.writeTo(core);
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
    core.resetState();
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
    core.close();
  }

  private double[] step(int token) {
    Window window = new Window(1, 1, new int[] {token}, new int[] {Window.PADDING});
    try (INDArray probabilities = core.probabilities(window)) {
      return probabilities.toDoubleVector();
    }
  }

  private static int likeliest(double[] probabilities) {
    int best = 0;
    for (int i = 1; i < probabilities.length; i++) {
      best = probabilities[i] > probabilities[best] ? i : best;
    }
    return best;
  }

  /** By (p/largest)^(1/temperature): the division prevents underflow. */
  static int draw(double[] probabilities, double temperature, double uniform) {
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
