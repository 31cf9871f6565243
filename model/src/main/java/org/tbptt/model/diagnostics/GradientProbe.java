package org.tbptt.model.diagnostics;

import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.BiFunction;
import java.util.function.ToLongFunction;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.tbptt.model.core.Carry;
import org.tbptt.model.core.CoreConfig;
import org.tbptt.model.core.Draws;
import org.tbptt.model.core.Normalisation;
import org.tbptt.model.core.Optimizer;
import org.tbptt.model.core.Parameter;
import org.tbptt.model.core.Precision;
import org.tbptt.model.core.RnnCore;
import org.tbptt.model.core.RnnModel;
import org.tbptt.model.core.UpdateRule;
import org.tbptt.model.corpus.Window;
import org.tbptt.model.truncation.FullStyle;
import org.tbptt.model.truncation.SentenceStyle;
import org.tbptt.model.truncation.TrueStyle;
import org.tbptt.model.truncation.Truncation;

/**
 * Measures, with frozen weights and masks, how far back errors have an effect, and how a style's
 * gradient differs from the full one over the same tokens.
 *
 * <p>It uses two cores of its own and leaves the one in training alone. The windows of one are
 * whole held windows; the other has the style's windows and reads a held window in parts. Both
 * start a held window from the same state and without history, so that an error of the style never
 * goes further than one of the full gradient. The two gradients differ in truncation only: both are
 * in single precision, with mean normalisation, and carry the cell's own state.
 */
public final class GradientProbe {

  // The masks of epoch 0, which training does not use: its first epoch is 1.
  private static final int MASKS_EPOCH = 0;

  private final Diagnostics settings;
  private final HeldWindows held;
  private final int vocabulary;
  private final int batchSize;
  private final RnnModel model;
  private final long seed;
  private final BiFunction<CoreConfig, Map<Parameter, INDArray>, RnnCore> engine;

  /**
   * @param settings with at least one window
   * @param held the windows to measure on, of batchSize columns
   * @param vocabulary V
   * @param model the network
   * @param seed of the masks
   * @param engine opens a core with copies of the weights
   */
  public GradientProbe(
      Diagnostics settings,
      HeldWindows held,
      int vocabulary,
      RnnModel model,
      long seed,
      BiFunction<CoreConfig, Map<Parameter, INDArray>, RnnCore> engine) {
    this.settings = settings;
    this.held = held;
    this.vocabulary = vocabulary;
    this.batchSize = held.windows().get(0).columns();
    // Whatever training carries on, the two gradients have to be of the same states.
    this.model = model.carrying(Carry.STATE);
    this.seed = seed;
    this.engine = engine;
  }

  /**
   * Measures; changes nothing.
   *
   * @param epoch to report it under
   * @param weights in the shapes that {@link Parameter} tells
   * @param style with seqLen steps in a window, as the held windows were made for
   * @throws CancellationException if the thread is interrupted
   */
  public Diagnosis measure(int epoch, Map<Parameter, INDArray> weights, Truncation style) {
    LagMeans lags = new LagMeans(Math.min(settings.maxLag() + 1, held.steps()));
    try (RnnCore full = engine.apply(fullCore(style), weights);
        RnnCore truncated = engine.apply(core(style, held.seqLen()), weights);
        GradientSum fullGradient = new GradientSum();
        GradientSum gradient = new GradientSum()) {
      for (int index = 0; index < held.windows().size(); index++) {
        stopIfInterrupted();
        HeldWindow window = heldWindow(index, style);
        Map<String, INDArray> state = truncated.readState();
        full.writeState(state);
        truncated.resetState(); // forgets the history
        truncated.writeState(state);
        state.values().forEach(INDArray::close);
        lags.add(
            full.lags(window.window(), window.uncutDraws(), lags.lags()), window.window().steps());
        fullGradient.add(full.gradients(window.window(), window.uncutDraws()), 1);
        addInParts(gradient, truncated, window);
        if (!style.carriesState()) {
          truncated.resetState();
        }
      }
      return new Diagnosis(epoch, lags.means(), gradient.biasesTo(fullGradient));
    }
  }

  /**
   * Memory outside the heap that {@link #measure} needs, bytes. What each core's need counts for a
   * trainer, four copies of the parameters, is here for a gradient, the weights, and in double
   * precision two sums of gradients and what is added to them.
   *
   * @param engine what a core needs, as {@link org.tbptt.model.core.Engine#offHeapBytes}
   */
  public long offHeapBytes(Truncation style, ToLongFunction<CoreConfig> engine) {
    int steps = held.steps();
    int lags = Math.max(1, Math.min(settings.maxLag() + 1, steps - 1)); // all of them were one pass
    CoreConfig byLag = core(new TrueStyle(lags, steps), steps);
    return engine.applyAsLong(byLag) + engine.applyAsLong(core(style, held.seqLen()));
  }

  /** The mean gradient over the style's own windows, state and history carried from one to next. */
  private void addInParts(GradientSum gradient, RnnCore truncated, HeldWindow window) {
    int steps = Math.min(held.seqLen(), window.window().steps());
    int parts = window.window().steps() / steps;
    for (int part = 0; part < parts; part++) {
      Window tokens = window.window().part(part * steps, steps);
      Draws draws = window.drawsOf(part * steps, steps);
      gradient.add(truncated.gradients(tokens, draws), 1.0 / parts);
      truncated.advance(tokens, draws);
    }
  }

  private HeldWindow heldWindow(int index, Truncation style) {
    Window window = held.windows().get(index);
    return HeldWindow.of(
        window,
        Draws.of(model.keepProb(), style.linkKeep(), seed, MASKS_EPOCH, index),
        model.shape(vocabulary, batchSize, window.steps()));
  }

  /** Of the full gradient that a style's is compared with. */
  private CoreConfig fullCore(Truncation style) {
    int steps = held.steps();
    return core(style.carriesState() ? new FullStyle(steps) : new SentenceStyle(steps), steps);
  }

  private CoreConfig core(Truncation style, int steps) {
    return new CoreConfig(
        vocabulary,
        batchSize,
        steps,
        model,
        style,
        UpdateRule.of(Optimizer.SGD),
        Normalisation.MEAN,
        Precision.FP32);
  }

  private static void stopIfInterrupted() {
    if (Thread.currentThread().isInterrupted()) {
      throw new CancellationException("interrupted while measuring gradients");
    }
  }
}
