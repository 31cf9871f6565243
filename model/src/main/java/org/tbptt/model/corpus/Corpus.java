package org.tbptt.model.corpus;

import static java.util.Objects.requireNonNull;

import java.io.Serializable;

/**
 * A vocabulary and the three splits, as ids of that vocabulary. Holds only strings and primitive
 * arrays, so that Java serialisation can send it to other machines.
 */
public final class Corpus implements Serializable {

  private final String kind;
  private final Vocabulary vocabulary;
  private final TokenStream train;
  private final TokenStream valid;
  private final TokenStream test;
  private final String id;

  /**
   * Checks every token and computes the id: a pass over the data.
   *
   * @throws IllegalArgumentException when a stream has an id outside 0..V-1
   */
  public Corpus(
      String kind, Vocabulary vocabulary, TokenStream train, TokenStream valid, TokenStream test) {
    this.kind = requireNonNull(kind, "kind");
    this.vocabulary = requireNonNull(vocabulary, "vocabulary");
    this.train = checked("train", train, vocabulary.size());
    this.valid = checked("valid", valid, vocabulary.size());
    this.test = checked("test", test, vocabulary.size());
    this.id =
        kind
            + "-"
            + new Fingerprint()
                .words(vocabulary.words()).stream(train).stream(valid).stream(test).firstDigits(16);
  }

  /** The {@link CorpusSource#kind} of its source. */
  public String kind() {
    return kind;
  }

  /** The V words that the streams' ids stand for. */
  public Vocabulary vocabulary() {
    return vocabulary;
  }

  /** The training stream. */
  public TokenStream train() {
    return train;
  }

  /** The stream of the validation loss. */
  public TokenStream valid() {
    return valid;
  }

  /** The stream of the test loss. */
  public TokenStream test() {
    return test;
  }

  /**
   * The kind and the first 16 hexadecimal digits of a hash over the words and the streams: the same
   * for the same data, wherever it was read from.
   */
  public String id() {
    return id;
  }

  private static TokenStream checked(String split, TokenStream stream, int vocabularySize) {
    requireNonNull(stream, split);
    check(split, stream.inputs(), vocabularySize);
    if (stream.targets() != stream.inputs()) {
      check(split, stream.targets(), vocabularySize);
    }
    return stream;
  }

  private static void check(String split, int[] tokens, int vocabularySize) {
    for (int i = 0; i < tokens.length; i++) {
      if (tokens[i] < 0 || tokens[i] >= vocabularySize) {
        throw new IllegalArgumentException(
            split
                + " token "
                + i
                + " is "
                + tokens[i]
                + ": must be in 0 to "
                + (vocabularySize - 1)
                + ", the vocabulary's ids");
      }
    }
  }
}
