package org.tbptt.model.corpus;

import java.util.stream.IntStream;

/**
 * Where the sentences of a stream are.
 *
 * @param starts where each sentence starts in the stream, followed by the end of the last one
 * @param longest tokens to predict in the longest one: its words and its end
 */
@SuppressWarnings("ArrayRecordComponent") // found once for a stream, never compared
record Sentences(int[] starts, int longest) {

  /**
   * @param end the id that ends a sentence; a stream may end inside one
   */
  static Sentences of(TokenStream stream, int end) {
    int last = stream.tokens();
    IntStream afterEnds =
        IntStream.range(0, last).filter(step -> stream.input(step) == end).map(step -> step + 1);
    boolean endsInside = last > 0 && stream.input(last - 1) != end;
    IntStream cutOff = endsInside ? IntStream.of(last) : IntStream.empty();
    int[] starts = IntStream.concat(IntStream.of(0), IntStream.concat(afterEnds, cutOff)).toArray();
    int longest =
        IntStream.range(1, starts.length).map(i -> starts[i] - starts[i - 1]).max().orElse(0);
    return new Sentences(starts, longest);
  }

  int count() {
    return starts.length - 1;
  }

  /** Tokens to predict in a sentence. */
  int length(int sentence) {
    return starts[sentence + 1] - starts[sentence];
  }
}
