package org.tbptt.model.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.tbptt.model.random.Philox;
import org.tbptt.model.random.Purpose;

/**
 * The random draws of one training window, all row-major. Inverted dropout: masks whose elements
 * are 0 or 1/keep, on the embedding, (T,B,E), and on the output of each recurrent layer, (T,B,H).
 * And, for errors alone, xi (T,B): what flows from the state of step s to that of step s-1 is
 * multiplied by xi[s,b].
 */
public sealed interface Draws {

  /**
   * The mask on the embedding, T*B*E values, for layer 0; on the output of layer l, T*B*H values.
   */
  float[] mask(RnnShape shape, int layer);

  /** T*B values, 0 or 1/pi: xi of the style {@code random}. */
  double[] links(RnnShape shape);

  /** Whether {@link #links} are not all 1. */
  boolean cutsLinks();

  /** Nothing is dropped or cut: engines may skip the masks. */
  record None() implements Draws {
    @Override
    public float[] mask(RnnShape shape, int layer) {
      return ones(size(shape, layer));
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
    public float[] mask(RnnShape shape, int layer) {
      int count = size(shape, layer);
      if (keepProb == 1) {
        return ones(count);
      }
      boolean[] kept =
          layer == 0
              ? kept(Purpose.INPUT_MASK, 1, keepProb, count)
              : kept(Purpose.OUTPUT_MASK, layer, keepProb, count);
      float value = (float) (1 / keepProb);
      float[] mask = new float[count];
      for (int i = 0; i < count; i++) {
        mask[i] = kept[i] ? value : 0;
      }
      return mask;
    }

    @Override
    public double[] links(RnnShape shape) {
      double[] links = uncut(shape);
      if (cutsLinks()) {
        boolean[] kept = kept(Purpose.LINK, 1, linkKeep, links.length);
        Arrays.setAll(links, i -> kept[i] ? 1 / linkKeep : 0);
      }
      return links;
    }

    @Override
    public boolean cutsLinks() {
      return linkKeep < 1;
    }

    private boolean[] kept(Purpose purpose, int layer, double keep, int count) {
      long threshold = (long) Math.floor(keep * 0x1p32);
      int[] words = Philox.words(seed, purpose, layer, epoch, window, count);
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
   * @param masks for each layer from 0 on what {@link Draws#mask} gives
   * @param links T*B values, or null where none is cut
   */
  @SuppressWarnings("ArrayRecordComponent") // a carrier of buffers; never compared
  record Given(List<float[]> masks, double[] links) implements Draws {
    public Given {
      masks = List.copyOf(masks);
    }

    @Override
    public float[] mask(RnnShape shape, int layer) {
      float[] mask = masks.get(layer);
      check(layer == 0 ? "input mask" : "output mask", mask.length, size(shape, layer));
      return mask;
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

  /** The draws of some steps of a window, without those links where nothing is to be cut. */
  static Draws.Given part(
      Draws draws, RnnShape shape, int firstStep, int steps, boolean withLinks) {
    List<float[]> masks = new ArrayList<>();
    for (int layer = 0; layer <= shape.layers(); layer++) {
      int row = shape.batch() * shape.maskWidth(layer);
      masks.add(
          Arrays.copyOfRange(draws.mask(shape, layer), firstStep * row, (firstStep + steps) * row));
    }
    double[] links =
        withLinks && draws.cutsLinks()
            ? Arrays.copyOfRange(
                draws.links(shape), firstStep * shape.batch(), (firstStep + steps) * shape.batch())
            : null;
    return new Given(masks, links);
  }

  private static int size(RnnShape shape, int layer) {
    return shape.tokens() * shape.maskWidth(layer);
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
