package org.tbptt.model.corpus;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** What the tests look at in a stream. */
final class Streams {

  private Streams() {}

  static int[] inputs(TokenStream stream) {
    return IntStream.range(0, stream.tokens()).map(stream::input).toArray();
  }

  static List<String> words(TokenStream stream, Vocabulary vocabulary) {
    return Arrays.stream(inputs(stream)).mapToObj(vocabulary::word).toList();
  }
}
