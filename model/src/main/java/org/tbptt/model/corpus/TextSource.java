package org.tbptt.model.corpus;

import static java.util.Objects.requireNonNull;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.tbptt.model.setting.InvalidSettingException;

/**
 * A text of the user's own in three UTF-8 files. The vocabulary is that of the training text sorted
 * by (-count, word). With a limit, its most frequent words are kept and every other word becomes
 * {@code <unk>}; so does, with or without a limit, a word of the other two files that is not in the
 * training text. {@code <unk>} is in the vocabulary only if it is needed, and counts for the limit.
 *
 * @param train the file to train on
 * @param valid the file for the validation loss
 * @param test the file for the test loss
 * @param unit what a token is
 * @param maxVocab the most words that the vocabulary may have, at least 2; 0 is no limit
 */
public record TextSource(String train, String valid, String test, Unit unit, int maxVocab)
    implements CorpusSource {

  /** What a token is. The end of a line is the token {@code <eos>} either way. */
  public enum Unit {
    /** Separated by white space. */
    WORD,
    /** A Unicode code point. */
    CHARACTER
  }

  /** The token that the end of a line becomes. */
  public static final String END_OF_LINE = Tokeniser.END_OF_SENTENCE;

  /** The token that stands for every word that is not in the vocabulary. */
  public static final String UNKNOWN = "<unk>";

  public TextSource {
    requireNonNull(train, "train");
    requireNonNull(valid, "valid");
    requireNonNull(test, "test");
    requireNonNull(unit, "unit");
    if (maxVocab != 0 && maxVocab < 2) {
      throw new InvalidSettingException(
          "max-vocab", maxVocab, "must be 0 (no limit) or at least 2");
    }
  }

  @Override
  public String kind() {
    return "text";
  }

  @Override
  public Corpus load(TextFiles files) {
    TokenisedText trainText = new TokenisedText(train, unit, files);
    TokenisedText validText = new TokenisedText(valid, unit, files);
    TokenisedText testText = new TokenisedText(test, unit, files);
    TokenisedText.requireRoom(trainText, validText, testText);
    Vocabulary vocabulary = vocabulary(trainText, validText, testText);
    return new Corpus(
        kind(),
        vocabulary,
        stream(trainText, vocabulary),
        stream(validText, vocabulary),
        stream(testText, vocabulary));
  }

  /** The tokens of a text as ids. Unlike for a file, no end is added to the last line. */
  public static int[] encode(String text, Unit unit, ToIntFunction<String> idOf) {
    IntStream.Builder ids = IntStream.builder();
    Tokeniser tokeniser = new Tokeniser(unit, token -> ids.add(idOf.applyAsInt(token)));
    text.codePoints().forEach(tokeniser::add);
    tokeniser.end();
    return ids.build().toArray();
  }

  private Vocabulary vocabulary(TokenisedText train, TokenisedText valid, TokenisedText test) {
    Map<String, Integer> counts = train.counts();
    boolean tooMany = maxVocab != 0 && counts.size() > maxVocab;
    boolean newWords =
        Stream.of(valid, test)
            .flatMap(text -> text.words().stream())
            .anyMatch(word -> !counts.containsKey(word));
    return Vocabulary.byFrequency(tooMany || newWords ? withUnknown(counts) : counts);
  }

  /** The counts of the words that are kept, and of {@code <unk>} for those that are not. */
  private Map<String, Integer> withUnknown(Map<String, Integer> counts) {
    List<String> others =
        Vocabulary.byFrequency(counts).words().stream()
            .filter(word -> !word.equals(UNKNOWN))
            .toList();
    int keep = maxVocab == 0 ? others.size() : Math.min(others.size(), maxVocab - 1);
    Map<String, Integer> kept = new HashMap<>();
    kept.put(UNKNOWN, counts.getOrDefault(UNKNOWN, 0));
    others.subList(0, keep).forEach(word -> kept.put(word, counts.get(word)));
    others
        .subList(keep, others.size())
        .forEach(word -> kept.merge(UNKNOWN, counts.get(word), Integer::sum));
    return kept;
  }

  private static TokenStream stream(TokenisedText text, Vocabulary vocabulary) {
    return TokenStream.ofText(
        text.encode(
            word -> vocabulary.idOf(word).orElseGet(() -> vocabulary.idOf(UNKNOWN).orElseThrow())));
  }
}
