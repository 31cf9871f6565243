package org.tbptt.model.corpus;

import java.util.function.Consumer;

/** Cuts a text that comes character by character into tokens. */
final class Tokeniser {

  /** The token that a newline becomes. */
  static final String END_OF_SENTENCE = "<eos>";

  private final TextSource.Unit unit;
  private final Consumer<String> tokens;
  private final StringBuilder word = new StringBuilder();
  private boolean carriageReturn;

  /**
   * @param tokens is handed each token
   */
  Tokeniser(TextSource.Unit unit, Consumer<String> tokens) {
    this.unit = unit;
    this.tokens = tokens;
  }

  /** The next character, a Unicode code point. */
  void add(int character) {
    switch (unit) {
      case WORD -> addToWord(character);
      case CHARACTER -> addCharacter(character);
    }
  }

  /** The text ends here. */
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
      carriageReturn = false; // a file from Windows has the same tokens as one from elsewhere
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

  /** What Python's split() splits on, which is more than either of Java's two notions of space. */
  private static boolean isSpace(int character) {
    return Character.isWhitespace(character)
        || Character.isSpaceChar(character)
        || character == '\u0085';
  }
}
