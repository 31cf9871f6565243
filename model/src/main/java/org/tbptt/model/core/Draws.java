package org.tbptt.model.core;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;
import org.tbptt.model.random.Philox;
import org.tbptt.model.random.Purpose;

/**
 * The random draws of one training window, all row-major. Inverted dropout: a mask on the cell's
 * input, (T,B,E), and one on its output, (T,B,H), whose elements are 0 or 1/keep. And xi (T,B), for
 * the backward pass only: what flows from h_s to h_{s-1} is multiplied by xi[s,b].
 */
public sealed interface Draws {

  /** T*B*E values, 0 or 1/keep. */
  float[] inputMask(RnnShape shape);

  /** T*B*H values, 0 or 1/keep. */
  float[] outputMask(RnnShape shape);

  /** T*B values, 0 or 1/pi: xi of the style {@code random}. */
  double[] links(RnnShape shape);

  /** Whether {@link #links} are not all 1. */
  boolean cutsLinks();

  /** Nothing is dropped or cut: engines may skip the masks. */
  record None() implements Draws {
    @Override
    public float[] inputMask(RnnShape shape) {
      return ones(shape.tokens() * shape.embedding());
    }

    @Override
    public float[] outputMask(RnnShape shape) {
      return ones(shape.tokens() * shape.hidden());
    }

    @Override
    public double[] links(RnnShape shape) {
      return uncut(shape);
    }

    @Override
    public boolean cutsLinks() {
      return false;
    }
  }

  /**
   * Masks drawn by position, the same for every engine.
   *
   * @param keepProb probability that an element is kept, in (0, 1]
   * @param linkKeep pi, probability that an error crosses a link, in (0, 1]
   */
  record Drawn(double keepProb, double linkKeep, long seed, int epoch, int window)
      implements Draws {

    @Override
    public float[] inputMask(RnnShape shape) {
      return mask(Purpose.INPUT_MASK, keepProb, shape.tokens() * shape.embedding());
    }

    @Override
    public float[] outputMask(RnnShape shape) {
      return mask(Purpose.OUTPUT_MASK, keepProb, shape.tokens() * shape.hidden());
    }

    @Override
    public double[] links(RnnShape shape) {
      double[] links = uncut(shape);
      if (cutsLinks()) {
        boolean[] kept = kept(Purpose.LINK, linkKeep, links.length);
        Arrays.setAll(links, i -> kept[i] ? 1 / linkKeep : 0);
      }
      return links;
    }

    @Override
    public boolean cutsLinks() {
      return linkKeep < 1;
    }

    private float[] mask(Purpose purpose, double keep, int count) {
      if (keep == 1) {
        return ones(count);
      }
      boolean[] kept = kept(purpose, keep, count);
      float value = (float) (1 / keep);
      float[] mask = new float[count];
      for (int i = 0; i < count; i++) {
        mask[i] = kept[i] ? value : 0;
      }
      return mask;
    }

    private boolean[] kept(Purpose purpose, double keep, int count) {
      long threshold = (long) Math.floor(keep * 0x1p32);
      int[] words = Philox.words(seed, purpose, epoch, window, count);
      boolean[] kept = new boolean[count];
      for (int i = 0; i < count; i++) {
        kept[i] = Integer.toUnsignedLong(words[i]) < threshold;
      }
      return kept;
    }
  }

  /**
   * Masks from elsewhere, to compare gradients with another program's.
   *
   * @param input T*B*E values
   * @param output T*B*H values
   * @param links T*B values, or null if none is cut
   */
  @SuppressWarnings("ArrayRecordComponent") // only carries buffers; never compared
  record Given(float[] input, float[] output, double[] links) implements Draws {
    public Given {
      requireNonNull(input, "input");
      requireNonNull(output, "output");
    }

    @Override
    public float[] inputMask(RnnShape shape) {
      check("input mask", input.length, shape.tokens() * shape.embedding());
      return input;
    }

    @Override
    public float[] outputMask(RnnShape shape) {
      check("output mask", output.length, shape.tokens() * shape.hidden());
      return output;
    }

    @Override
    public double[] links(RnnShape shape) {
      if (!cutsLinks()) {
        return uncut(shape);
      }
      check("link mask", links.length, shape.tokens());
      return links;
    }

    private static void check(String mask, int found, int needed) {
      if (found != needed) {
        throw new IllegalArgumentException(
            "the %s has %d values: must be %d".formatted(mask, found, needed));
      }
    }

    @Override
    public boolean cutsLinks() {
      return links != null;
    }
  }

  /**
   * The draws of a window in training: by position, or none if everything is kept.
   *
   * @param keepProb of dropout
   * @param linkKeep of the truncation
   */
  static Draws of(double keepProb, double linkKeep, long seed, int epoch, int window) {
    return keepProb < 1 || linkKeep < 1
        ? new Drawn(keepProb, linkKeep, seed, epoch, window)
        : new None();
  }

  private static double[] uncut(RnnShape shape) {
    double[] links = new double[shape.tokens()];
    Arrays.fill(links, 1);
    return links;
  }

  private static float[] ones(int count) {
    float[] ones = new float[count];
    Arrays.fill(ones, 1);
    return ones;
  }
}
