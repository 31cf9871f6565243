package org.tbptt.model.corpus;

import java.util.List;
import org.tbptt.model.random.Philox;
import org.tbptt.model.random.Purpose;
import org.tbptt.model.setting.InvalidSettingException;

/**
 * Generated data with two dependencies of known length, after r2rt's "Recurrent Neural Networks in
 * Tensorflow I". The inputs X are fair coin flips; the target Y_t is 1 with probability 0.5, plus
 * 0.5 if X was 1 at the first lag, minus 0.25 if it was 1 at the second. The X before the start
 * exist, but are not part of the stream. The three splits are independent of each other.
 *
 * @param lags the two different distances, in steps, at least 1 each
 * @param trainLength training steps, at least 1
 * @param validLength validation steps, at least 1
 * @param testLength test steps, at least 1
 * @param seed the key of its random numbers
 */
public record ToySource(
    List<Integer> lags, int trainLength, int validLength, int testLength, long seed)
    implements CorpusSource {

  private static final Vocabulary VOCABULARY = new Vocabulary(List.of("0", "1"));

  // The streams of random numbers of one split.
  private static final int INPUTS = 0;
  private static final int TARGETS = 1;

  public ToySource {
    lags = List.copyOf(lags);
    if (lags.size() != 2 || lags.get(0).equals(lags.get(1)) || lags.get(0) < 1 || lags.get(1) < 1) {
      throw new InvalidSettingException(
          "lags", lags, "must be two different whole numbers, at least 1 each");
    }
    int longest = Math.max(lags.get(0), lags.get(1));
    checkLength("train-length", trainLength, longest);
    checkLength("valid-length", validLength, longest);
    checkLength("test-length", testLength, longest);
  }

  @Override
  public String kind() {
    return "toy";
  }

  @Override
  public Corpus load(TextFiles files) {
    return load();
  }

  /** Generates the corpus; needs no files. */
  public Corpus load() {
    // Inputs and targets of all, and the random numbers of one.
    long steps = (long) trainLength + validLength + testLength;
    long longest = Math.max(trainLength, Math.max(validLength, testLength));
    HeapNeed.require(2 * (steps + longest), Runtime.getRuntime().maxMemory());
    return new Corpus(
        kind(),
        VOCABULARY,
        generate(0, trainLength),
        generate(1, validLength),
        generate(2, testLength));
  }

  /**
   * The expected losses after learning nothing, the nearer lag and both lags. There is no level for
   * the farther lag alone, because an error that reaches it passes the nearer one.
   */
  public List<EntropyLevel> entropyLevels() {
    int first = lags.get(0);
    int second = lags.get(1);
    boolean firstIsNearer = first < second;
    return List.of(
        new EntropyLevel("neither lag", expectedEntropy(false, false)),
        new EntropyLevel(
            "lag " + Math.min(first, second) + " only",
            expectedEntropy(firstIsNearer, !firstIsNearer)),
        new EntropyLevel("lags " + first + " and " + second, expectedEntropy(true, true)));
  }

  private TokenStream generate(int split, int length) {
    int before = Math.max(lags.get(0), lags.get(1));
    int[] words = Philox.words(seed, Purpose.TOY_CORPUS, split, INPUTS, before + length);
    int[] draws = Philox.words(seed, Purpose.TOY_CORPUS, split, TARGETS, length);
    int[] inputs = new int[length];
    int[] targets = new int[length];
    for (int step = 0; step < length; step++) {
      int now = before + step;
      double one = probabilityOfOne(bit(words[now - lags.get(0)]), bit(words[now - lags.get(1)]));
      inputs[step] = bit(words[now]);
      targets[step] = Integer.toUnsignedLong(draws[step]) < one * 0x1p32 ? 1 : 0;
    }
    return new TokenStream(inputs, targets, 0);
  }

  /** P(Y = 1) given X at the first and the second lag. It is linear, so an unknown X is 0.5. */
  private static double probabilityOfOne(double first, double second) {
    return 0.5 + 0.5 * first - 0.25 * second;
  }

  private static double expectedEntropy(boolean knowsFirst, boolean knowsSecond) {
    double sum = 0;
    for (int first = 0; first <= 1; first++) {
      for (int second = 0; second <= 1; second++) {
        sum += entropy(probabilityOfOne(knowsFirst ? first : 0.5, knowsSecond ? second : 0.5));
      }
    }
    return sum / 4;
  }

  private static double entropy(double one) {
    return surprise(one) + surprise(1 - one);
  }

  private static double surprise(double probability) {
    return probability == 0 ? 0 : -probability * Math.log(probability);
  }

  private static int bit(int word) {
    return word >>> 31;
  }

  private static void checkLength(String setting, int length, int longestLag) {
    int most = Integer.MAX_VALUE - 8 - longestLag; // one array holds both
    if (length < 1 || length > most) {
      throw new InvalidSettingException(setting, length, "must be at least 1 and at most " + most);
    }
  }
}
