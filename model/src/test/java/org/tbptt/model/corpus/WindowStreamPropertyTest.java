package org.tbptt.model.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

@Tag("property")
class WindowStreamPropertyTest {

  @Property(tries = 300)
  void windowsTileEachColumnInOrder(
      @ForAll @IntRange(min = 1, max = 400) int tokens,
      @ForAll @IntRange(min = 1, max = 9) int batchSize,
      @ForAll @IntRange(min = 1, max = 9) int seqLen,
      @ForAll @IntRange(max = 1) int shift) {
    int length = tokens + batchSize * (seqLen + shift);
    WindowStream stream =
        new WindowStream(new TokenStream(upTo(length), upTo(length), shift), batchSize, seqLen);

    int columnLength = length / batchSize;
    int steps = stream.windows() * seqLen;
    assertThat(columnLength - shift - steps).isBetween(0, seqLen - 1);
    assertThat(stream.tokens()).isEqualTo((long) steps * batchSize);
    for (int column = 0; column < batchSize; column++) {
      int start = column * columnLength;
      assertThat(columnOf(stream, column, false))
          .containsExactly(IntStream.range(start, start + steps).toArray());
      assertThat(columnOf(stream, column, true))
          .containsExactly(IntStream.range(start + shift, start + shift + steps).toArray());
    }
  }

  @Property(tries = 300)
  void everyTargetIsTheNextInputOfALanguageModel(
      @ForAll @IntRange(max = 99) int[] text,
      @ForAll @IntRange(min = 1, max = 4) int batchSize,
      @ForAll @IntRange(min = 1, max = 4) int seqLen) {
    int[] tokens = Arrays.copyOf(text, text.length + batchSize * (seqLen + 1));
    WindowStream stream = new WindowStream(TokenStream.ofText(tokens), batchSize, seqLen);

    for (int column = 0; column < batchSize; column++) {
      int[] inputs = columnOf(stream, column, false);
      int[] targets = columnOf(stream, column, true);
      assertThat(Arrays.copyOf(targets, targets.length - 1))
          .containsExactly(Arrays.copyOfRange(inputs, 1, inputs.length));
    }
  }

  private static int[] columnOf(WindowStream stream, int column, boolean targets) {
    return IntStream.range(0, stream.windows())
        .mapToObj(stream::window)
        .flatMapToInt(
            window ->
                IntStream.range(0, window.steps())
                    .map(step -> step * window.columns() + column)
                    .map(place -> (targets ? window.targets() : window.inputs())[place]))
        .toArray();
  }

  private static int[] upTo(int end) {
    return IntStream.range(0, end).toArray();
  }
}
