package org.tbptt.model.core;

import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.tbptt.model.corpus.Window;

/**
 * Computes the steps of one trial: owns parameters, optimiser state, and the state and history that
 * go from window to window. An engine is one implementation; all of them compute the same numbers
 * up to rounding. Not safe for use by several threads; to be closed by the thread that made it.
 *
 * <p>The network, a row per column of the batch:
 *
 * <pre>
 *   y_0,t  = Emb[token_t] * mask_0,t             (B,E)
 *   h_l,t  = cell([y_l-1,t ; h_l,t-1] W_l + b_l) (B,H)   for the layers l = 1 .. L, see {@link Cell}
 *   y_l,t  = h_l,t * mask_l,t                    (B,H)
 *   logits = y_L,t Ws + bs                       (B,V)
 *   loss   = mean over t and b of -log softmax(logits)[target]
 * </pre>
 */
public interface RnnCore extends AutoCloseable {

  RnnShape shape();

  /** The word for this engine in conf files and tables. */
  String engine();

  /** The instruction set that it computes with, or what stands for it. */
  String instructionSet();

  /** A copy of a matrix, (rows, columns) as {@link Parameter} says. */
  INDArray read(Parameter parameter);

  /** Sets a matrix, in the shape of {@link #read}. */
  void write(Parameter parameter, INDArray values);

  /**
   * A copy of the state that the next training window starts from: {@link RnnShape#states} by name,
   * (B,H) each.
   */
  Map<String, INDArray> readState();

  /** Trains on from this state, in the form of {@link #readState}. */
  void writeState(Map<String, INDArray> state);

  /**
   * Zeroes the carried states of training and of evaluation and forgets the history, as at the
   * start of an epoch.
   */
  void resetState();

  /**
   * Sets how many steps errors go back from the next window on; for the style {@code adaptive}.
   *
   * @param bpttSteps n, from 1 to T
   * @throws IllegalArgumentException if it is not
   * @throws UnsupportedOperationException if n is fixed by the style
   */
  void setBpttSteps(int bpttSteps);

  /**
   * Trains on one window, with one optimiser step or as many as {@link UpdateRule#every} says;
   * state and history are carried on. A token of -1 is padding: it is read as zeros, has no row in
   * the embedding's gradient and, as a target, no loss.
   *
   * @param learningRate of these steps, at least 0
   * @throws IllegalArgumentException if the window's sizes are not this core's
   */
  StepResult train(Window window, Draws draws, double learningRate);

  /**
   * Reads one window with its dropout, and carries state and history on as {@link #train} does with
   * one update for the window; gives no loss and changes no parameter.
   *
   * @throws IllegalArgumentException if the window's sizes are not this core's
   * @throws UnsupportedOperationException if the engine cannot do that
   */
  void advance(Window window, Draws draws);

  /**
   * The loss of one window without dropout; carries the evaluation state on, changes no parameter,
   * and does not use history.
   *
   * @throws IllegalArgumentException if the window's sizes are not this core's
   */
  Evaluation evaluate(Window window);

  /**
   * The probability of every word after the last step of a window, (B,V), without dropout; reads
   * the window as {@link #evaluate} does and carries the evaluation state on. Targets play no part.
   *
   * @throws IllegalArgumentException if the window's sizes are not this core's
   */
  INDArray probabilities(Window window);

  /**
   * The gradients that {@link #train} would use with one update for the window, before clipping;
   * changes nothing.
   *
   * @throws IllegalArgumentException if the window's sizes are not this core's
   */
  Gradients gradients(Window window, Draws draws);

  /**
   * The lag norms of one window, independent of the style's n: every error goes back over the
   * requested lags, as far as the window and the history allow. In single precision or better;
   * changes nothing.
   *
   * @param draws without cut links
   * @param lags how many, at least 1: lags 0 to lags-1
   * @throws IllegalArgumentException if the window's sizes are not this core's, or links are cut
   */
  LagNorms lags(Window window, Draws draws, int lags);

  /** A copy of everything that training needs to resume. */
  CoreState snapshot();

  /**
   * Resumes from a snapshot of a core with the same configuration, bit for bit if the engine and
   * instruction set are the same. If the state is rejected, the core can no longer be used.
   *
   * @throws IllegalArgumentException if a matrix or counter is missing, unknown or of another size
   */
  void restore(CoreState state);

  /**
   * Makes the running call, and later ones, end soon with a {@link
   * java.util.concurrent.CancellationException}. The one method that any thread may call until the
   * core is closed. An engine whose windows take far less than a second may do nothing.
   */
  default void cancel() {}

  @Override
  void close();
}
