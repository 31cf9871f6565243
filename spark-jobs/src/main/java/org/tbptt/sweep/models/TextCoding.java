package org.tbptt.sweep.models;

import java.util.Arrays;
import java.util.OptionalInt;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.corpus.CorpusSource;
import org.tbptt.model.corpus.TextSource;
import org.tbptt.model.corpus.Vocabulary;
import org.tbptt.sweep.results.ResultsException;

/** A text as the ids of its corpus' vocabulary, and ids as text. */
public final class TextCoding {

  private final Vocabulary vocabulary;
  private final TextSource.Unit unit;

  /**
   * The coding of a corpus.
   *
   * @throws ResultsException if it is not text, whose next token is what is predicted
   */
  public TextCoding(CorpusSource source, Corpus corpus) {
    if (corpus.test().shift() != 1) {
      throw new ResultsException(
          "corpus %s is not a text: its networks predict a second stream, not the next word"
              .formatted(corpus.id()));
    }
    this.vocabulary = corpus.vocabulary();
    this.unit =
        source instanceof TextSource text && text.unit() == TextSource.Unit.CHARACTER
            ? TextSource.Unit.CHARACTER
            : TextSource.Unit.WORD;
  }

  /**
   * The ids of a prompt; without one, of the end of a line, after which a new one begins.
   *
   * @throws ResultsException if the vocabulary has neither a token nor one for unknown words
   */
  public int[] encode(String prompt) {
    int[] ids = TextSource.encode(prompt, unit, this::id);
    return ids.length > 0 ? ids : new int[] {vocabulary.idOf(TextSource.END_OF_LINE).orElse(0)};
  }

  /** Words with spaces between them, characters without; one line of text per end of line. */
  public String decode(int[] ids) {
    StringBuilder text = new StringBuilder();
    for (String token : Arrays.stream(ids).mapToObj(vocabulary::word).toList()) {
      if (token.equals(TextSource.END_OF_LINE)) {
        text.append('\n');
      } else {
        boolean apart =
            unit == TextSource.Unit.WORD
                && !text.isEmpty()
                && text.charAt(text.length() - 1) != '\n';
        text.append(apart ? " " : "").append(token);
      }
    }
    return text.toString();
  }

  private int id(String token) {
    OptionalInt known = vocabulary.idOf(token);
    if (known.isEmpty()) {
      known = vocabulary.idOf(TextSource.UNKNOWN);
    }
    return known.orElseThrow(
        () ->
            new ResultsException(
                "--prompt: '%s' is not in the model's vocabulary of %,d tokens"
                    .formatted(token, vocabulary.size())));
  }
}
