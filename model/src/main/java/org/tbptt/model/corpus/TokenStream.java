package org.tbptt.model.corpus;

import java.io.Serializable;
import org.tbptt.model.setting.InvalidSettingException;

/**
 * One split of a corpus: inputs and targets. At step i the network reads {@code input(i)} and
 * predicts {@code target(i)}. Streams have no equals method; {@link Corpus#id} tells whether two
 * corpora are the same.
 */
public final class TokenStream implements Serializable {

  private final int[] inputs;
  private final int[] targets;
  private final int shift;
  private transient Sentences sentences; // found when they are first asked for

  /**
   * A stream whose target at step i is {@code targets[i + shift]}. The arrays are not copied, so
   * that a language model has one array for both, in memory and when serialised.
   *
   * @param inputs token ids, 0 or more each
   * @param targets token ids, 0 or more each, as many as inputs
   * @param shift how far the targets are ahead: 1 for a language model, 0 for two parallel streams
   * @throws IllegalArgumentException when the lengths differ or shift or an id is negative
   */
  public TokenStream(int[] inputs, int[] targets, int shift) {
    if (inputs.length != targets.length) {
      throw new IllegalArgumentException(
          inputs.length + " inputs but " + targets.length + " targets: must be as many");
    }
    if (shift < 0) {
      throw new InvalidSettingException("shift", shift, "must be 0 or more");
    }
    this.inputs = inputs;
    this.targets = targets;
    this.shift = shift;
  }

  /** The stream of a language model: the target of every step is the next token. */
  public static TokenStream ofText(int[] tokens) {
    return new TokenStream(tokens, tokens, 1);
  }

  /** How many tokens the stream has. */
  public int tokens() {
    return inputs.length;
  }

  /** How far the targets are ahead of the inputs; the last {@code shift} tokens have no target. */
  public int shift() {
    return shift;
  }

  /** The id that is read at a step, from 0 to tokens-1. */
  public int input(int step) {
    return inputs[step];
  }

  /** The id that is to be predicted at a step, from 0 to tokens-shift-1. */
  public int target(int step) {
    return targets[step + shift];
  }

  /**
   * Its sentences, found once.
   *
   * @param end the id that ends a sentence, always the same one
   */
  synchronized Sentences sentences(int end) {
    if (sentences == null) {
      sentences = Sentences.of(this, end);
    }
    return sentences;
  }

  int[] inputs() {
    return inputs;
  }

  int[] targets() {
    return targets;
  }
}
