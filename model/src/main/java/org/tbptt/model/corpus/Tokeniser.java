package org.tbptt.model.corpus;

import java.util.function.Consumer;

/** Splits a stream of characters into tokens. */
final class Tokeniser {

  /** The token that a newline becomes. */
  static final String END_OF_SENTENCE = "<eos>";

  private final TextSource.Unit unit;
  private final Consumer<String> tokens;
  private final StringBuilder word = new StringBuilder();
  private boolean carriageReturn;

  /**
   * @param tokens receives each token
   */
  Tokeniser(TextSource.Unit unit, Consumer<String> tokens) {
    this.unit = unit;
    this.tokens = tokens;
  }

  /** Adds the next character, a Unicode code point. */
  void add(int character) {
    switch (unit) {
      case WORD -> addToWord(character);
      case CHARACTER -> addCharacter(character);
    }
  }

  /** Ends the text. */
  void end() {
    endWord();
    endCarriageReturn();
  }

  private void addToWord(int character) {
    if (!isSpace(character)) {
      word.appendCodePoint(character);
      return;
    }
    endWord();
    if (character == '\n') {
      tokens.accept(END_OF_SENTENCE);
    }
  }

  private void endWord() {
    if (!word.isEmpty()) {
      tokens.accept(word.toString());
      word.setLength(0);
    }
  }

  private void addCharacter(int character) {
    if (character == '\n') {
      carriageReturn = false; // Windows line ends give the same tokens
      tokens.accept(END_OF_SENTENCE);
      return;
    }
    endCarriageReturn();
    if (character == '\r') {
      carriageReturn = true;
    } else {
      tokens.accept(Character.toString(character));
    }
  }

  private void endCarriageReturn() {
    if (carriageReturn) {
      tokens.accept("\r");
      carriageReturn = false;
    }
  }

  /**
   * What Python's split() splits on, which is more than either of Java's two definitions of space.
   */
  private static boolean isSpace(int character) {
    return Character.isWhitespace(character)
        || Character.isSpaceChar(character)
        || character == '\u0085';
  }
}
