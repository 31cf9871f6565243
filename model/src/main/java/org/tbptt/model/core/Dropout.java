package org.tbptt.model.core;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;
import org.tbptt.model.random.Philox;
import org.tbptt.model.random.Purpose;

/**
 * Inverted dropout for one training window: a mask on the cell's input, (T,B,E), and one on its
 * output, (T,B,H), both row-major; an element is 0 or 1/keep.
 */
public sealed interface Dropout {

  /** T*B*E values, 0 or 1/keep. */
  float[] inputMask(RnnShape shape);

  /** T*B*H values, 0 or 1/keep. */
  float[] outputMask(RnnShape shape);

  /** Nothing is dropped: engines may skip the masks. */
  record None() implements Dropout {
    @Override
    public float[] inputMask(RnnShape shape) {
      return ones(shape.tokens() * shape.embedding());
    }

    @Override
    public float[] outputMask(RnnShape shape) {
      return ones(shape.tokens() * shape.hidden());
    }

    private static float[] ones(int count) {
      float[] ones = new float[count];
      Arrays.fill(ones, 1);
      return ones;
    }
  }

  /**
   * Masks drawn by position, the same for every engine.
   *
   * @param keepProb probability that an element is kept, in (0, 1)
   */
  record Drawn(double keepProb, long seed, int epoch, int window) implements Dropout {

    @Override
    public float[] inputMask(RnnShape shape) {
      return mask(Purpose.INPUT_MASK, shape.tokens() * shape.embedding());
    }

    @Override
    public float[] outputMask(RnnShape shape) {
      return mask(Purpose.OUTPUT_MASK, shape.tokens() * shape.hidden());
    }

    private float[] mask(Purpose purpose, int count) {
      long threshold = (long) Math.floor(keepProb * 0x1p32);
      float kept = (float) (1 / keepProb);
      int[] words = Philox.words(seed, purpose, epoch, window, count);
      float[] mask = new float[count];
      for (int i = 0; i < count; i++) {
        mask[i] = Integer.toUnsignedLong(words[i]) < threshold ? kept : 0;
      }
      return mask;
    }
  }

  /**
   * Masks from elsewhere, to compare gradients with another program's.
   *
   * @param input T*B*E values
   * @param output T*B*H values
   */
  @SuppressWarnings("ArrayRecordComponent") // a carrier of two buffers; never compared
  record Given(float[] input, float[] output) implements Dropout {
    public Given {
      requireNonNull(input, "input");
      requireNonNull(output, "output");
    }

    @Override
    public float[] inputMask(RnnShape shape) {
      return input;
    }

    @Override
    public float[] outputMask(RnnShape shape) {
      return output;
    }
  }

  /** The dropout of a window in training: drawn, or none where everything is kept. */
  static Dropout of(double keepProb, long seed, int epoch, int window) {
    return keepProb < 1 ? new Drawn(keepProb, seed, epoch, window) : new None();
  }
}
