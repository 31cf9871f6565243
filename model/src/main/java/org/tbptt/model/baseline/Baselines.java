package org.tbptt.model.baseline;

import java.util.ArrayList;
import java.util.List;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.corpus.TokenStream;

/** The baselines of a corpus of text. */
public final class Baselines {

  /** The baseline that every network should beat. */
  public static final String UNIGRAM = "unigram";

  private static final int LONGEST = 5;

  private Baselines() {}

  /**
   * Whether a corpus is one of text: each token is predicted from those before it.
   *
   * @return false for streams whose targets are not the inputs that follow
   */
  public static boolean apply(Corpus corpus) {
    return corpus.train().shift() == 1 && corpus.valid().tokens() > 1 && corpus.test().tokens() > 1;
  }

  /**
   * The heap that {@link #of} needs at most, bytes: every n-gram of up to five tokens of the
   * training stream may be a new one.
   */
  public static long heapBytes(Corpus corpus) {
    return NgramTrie.mostBytes(corpus.train().tokens(), LONGEST)
        + KneserNey.bytes((long) LONGEST * corpus.train().tokens());
  }

  /**
   * Uniform (ln V), unigram, bigram and 5-gram; the last three are interpolated modified Kneser-Ney
   * models of the training stream. Takes a few seconds for a million tokens.
   *
   * @throws IllegalArgumentException if it is not a corpus of text
   */
  public static List<Baseline> of(Corpus corpus) {
    if (!apply(corpus)) {
      throw new IllegalArgumentException("corpus " + corpus.id() + " is not one of text");
    }
    int vocabulary = corpus.vocabulary().size();
    double uniform = Math.log(vocabulary);
    List<Baseline> baselines = new ArrayList<>();
    baselines.add(new Baseline("uniform", uniform, uniform));
    NgramTrie trie = NgramTrie.of(tokens(corpus.train()), LONGEST, vocabulary);
    int[] valid = tokens(corpus.valid());
    int[] test = tokens(corpus.test());
    for (int order : new int[] {1, 2, LONGEST}) {
      KneserNey model = new KneserNey(trie, order);
      baselines.add(new Baseline(name(order), model.loss(valid), model.loss(test)));
    }
    return baselines;
  }

  private static String name(int order) {
    return switch (order) {
      case 1 -> UNIGRAM;
      case 2 -> "bigram";
      default -> order + "-gram";
    };
  }

  private static int[] tokens(TokenStream stream) {
    int[] tokens = new int[stream.tokens()];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = stream.input(i);
    }
    return tokens;
  }
}
