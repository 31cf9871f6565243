package org.tbptt.model.corpus;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToIntFunction;

/**
 * A text cut into tokens. Each distinct word is held once, and the text as places in that list, so
 * that a long text costs four bytes per token.
 */
final class TokenisedText {

  /** The token that a newline becomes. */
  static final String END_OF_SENTENCE = "<eos>";

  private final Map<String, Integer> places = new HashMap<>();
  private final List<String> words = new ArrayList<>();
  private int[] tokens;
  private int length;

  private TokenisedText(String text, TextSource.Unit unit) {
    tokens = new int[text.length()]; // no token is shorter than one char
    switch (unit) {
      case WORD -> addWords(text);
      case CHARACTER -> addCharacters(text);
    }
    tokens = Arrays.copyOf(tokens, length);
  }

  static TokenisedText of(String text, TextSource.Unit unit) {
    return new TokenisedText(text, unit);
  }

  /**
   * The file's tokens, at least one.
   *
   * @throws CorpusException when the file can't be read as UTF-8 or has no token
   */
  static TokenisedText read(Path file, TextSource.Unit unit) {
    TokenisedText text = of(TextFile.read(file), unit);
    if (text.length == 0) {
      throw new CorpusException(file + ": is empty, it has no token");
    }
    return text;
  }

  /** The distinct words. */
  Set<String> words() {
    return places.keySet();
  }

  /** How often each distinct word occurs. */
  Map<String, Integer> counts() {
    int[] countOfPlace = new int[words.size()];
    for (int token : tokens) {
      countOfPlace[token]++;
    }
    Map<String, Integer> counts = new HashMap<>();
    places.forEach((word, place) -> counts.put(word, countOfPlace[place]));
    return counts;
  }

  /** The text as ids; asks for the id of each distinct word once. */
  int[] encode(ToIntFunction<String> idOf) {
    int[] idOfPlace = words.stream().mapToInt(idOf).toArray();
    int[] ids = new int[length];
    for (int i = 0; i < length; i++) {
      ids[i] = idOfPlace[tokens[i]];
    }
    return ids;
  }

  private void addWords(String text) {
    int start = 0;
    for (int at = 0; at < text.length(); at++) {
      char character = text.charAt(at);
      if (isSpace(character)) {
        if (start < at) {
          add(text.substring(start, at));
        }
        if (character == '\n') {
          add(END_OF_SENTENCE);
        }
        start = at + 1;
      }
    }
    if (start < text.length()) {
      add(text.substring(start));
    }
  }

  private void addCharacters(String text) {
    // A file from Windows has the same tokens as one from elsewhere.
    text.replace("\r\n", "\n")
        .codePoints()
        .forEach(point -> add(point == '\n' ? END_OF_SENTENCE : Character.toString(point)));
  }

  private void add(String word) {
    Integer place = places.get(word);
    if (place == null) {
      place = words.size();
      places.put(word, place);
      words.add(word);
    }
    tokens[length++] = place;
  }

  /** What Python's split() splits on, which is more than either of Java's two notions of space. */
  private static boolean isSpace(char character) {
    return Character.isWhitespace(character)
        || Character.isSpaceChar(character)
        || character == '\u0085';
  }
}
