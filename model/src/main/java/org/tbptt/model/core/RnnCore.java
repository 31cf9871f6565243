package org.tbptt.model.core;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.tbptt.model.corpus.Window;

/**
 * Computes the steps of one trial: owns parameters, optimiser state and the state carried from
 * window to window. An engine is one implementation; all of them compute the same numbers but for
 * rounding. Not safe for use by several threads; to be closed by the thread that made it.
 *
 * <p>The network, a row per column of the batch:
 *
 * <pre>
 *   x_t    = Emb[token_t] * inputMask_t          (B,E)
 *   h_t    = f([x_t ; h_{t-1}] W + b)            (B,H)
 *   y_t    = h_t * outputMask_t                  (B,H)
 *   logits = y_t Ws + bs                         (B,V)
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

  /** Trains on from these values, in the shape of {@link #read}. */
  void write(Parameter parameter, INDArray values);

  /** A copy of the state h that the next training window starts from, (B,H). */
  INDArray readState();

  /** Trains on from this state, (B,H). */
  void writeState(INDArray state);

  /** Zeroes the carried states of training and of evaluation, as at the start of an epoch. */
  void resetState();

  /**
   * One optimiser step on one window; the state is carried on.
   *
   * @throws IllegalArgumentException if the window's sizes are not this core's
   */
  StepResult train(Window window, Dropout dropout);

  /**
   * The mean loss of one window without dropout, nats per token; the state is carried on, nothing
   * is learned.
   *
   * @throws IllegalArgumentException if the window's sizes are not this core's
   */
  double evaluate(Window window);

  /**
   * The gradients that {@link #train} would use, before clipping; changes nothing.
   *
   * @throws IllegalArgumentException if the window's sizes are not this core's
   */
  Gradients gradients(Window window, Dropout dropout);

  @Override
  void close();
}
