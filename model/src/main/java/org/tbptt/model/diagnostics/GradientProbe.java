package org.tbptt.model.diagnostics;

import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.BiFunction;
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
import org.tbptt.model.truncation.Truncation;

/**
 * Measures, with weights and masks that do not change, how far back errors are felt, and how a
 * style's gradient differs from the full one over the same tokens.
 *
 * <p>It works on cores of its own, so that the one in training never knows: one whose window is a
 * whole held window, and one with the style's windows, which reads it piece by piece. Both start a
 * held window from the same state and know nothing before it, so that every error of the style goes
 * where one of the full gradient goes, or less far. What is compared is truncation alone: in single
 * precision, with the mean as normalisation, and the cell's own state carried on.
 */
public final class GradientProbe {

  // Masks are those of an epoch that no training has: the first one has number 1.
  private static final int MASKS_EPOCH = 0;

  private final Diagnostics settings;
  private final HeldWindows held;
  private final int vocabulary;
  private final int batchSize;
  private final RnnModel model;
  private final long seed;
  private final BiFunction<CoreConfig, Map<Parameter, INDArray>, RnnCore> engine;

  /**
   * @param settings that measure something
   * @param held the windows to measure on, of batchSize columns
   * @param vocabulary V
   * @param model the network
   * @param seed the key of the masks
   * @param engine opens a core with copies of weights
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
    Truncation fullStyle =
        style.carriesState() ? new FullStyle(held.steps()) : new SentenceStyle(held.steps());
    LagMeans lags = new LagMeans(Math.min(settings.maxLag() + 1, held.steps()));
    try (RnnCore full = open(fullStyle, held.steps(), weights);
        RnnCore truncated = open(style, held.seqLen(), weights);
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

  /** The mean gradient over the style's own windows, state and history carried from one to next. */
  private void addInParts(GradientSum gradient, RnnCore truncated, HeldWindow window) {
    int steps = Math.min(held.seqLen(), window.window().steps());
    int parts = window.window().steps() / steps;
    for (int part = 0; part < parts; part++) {
      Window tokens = window.window().part(part * steps, steps);
      Draws draws = window.drawsOf(part * steps, steps);
      gradient.add(truncated.gradients(tokens, draws), 1.0 / parts);
      truncated.train(tokens, draws, 0); // at rate 0 it only goes on
    }
  }

  private HeldWindow heldWindow(int index, Truncation style) {
    Window window = held.windows().get(index);
    return new HeldWindow(
        window,
        Draws.of(model.keepProb(), style.linkKeep(), seed, MASKS_EPOCH, index),
        model.shape(vocabulary, batchSize, window.steps()));
  }

  private RnnCore open(Truncation style, int steps, Map<Parameter, INDArray> weights) {
    return engine.apply(
        new CoreConfig(
            vocabulary,
            batchSize,
            steps,
            model,
            style,
            UpdateRule.of(Optimizer.SGD),
            Normalisation.MEAN,
            Precision.FP32),
        weights);
  }

  private static void stopIfInterrupted() {
    if (Thread.currentThread().isInterrupted()) {
      throw new CancellationException("interrupted while measuring gradients");
    }
  }
}
