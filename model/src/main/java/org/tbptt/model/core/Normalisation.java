package org.tbptt.model.core;

/**
 * What the gradients of Emb, W and b are divided by; those of Ws and bs are means, but with {@link
 * #BATCH}.
 */
public enum Normalisation {
  /** B*T, the number of losses in the window: the gradient of the mean loss. */
  MEAN,
  /**
   * B*n, as r2rt's true-style code did; larger than the mean by T/n. With Adam it makes a
   * difference only through epsilon.
   */
  R2RT,
  /**
   * B, for the gradients of all matrices: losses are summed over the window's steps and averaged
   * over its columns, so that a longer window takes larger steps. The convention of TensorFlow's
   * sequence_loss and of Zaremba, Sutskever and Vinyals 2014. Losses are reported as means all the
   * same.
   */
  BATCH
}
