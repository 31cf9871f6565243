package org.tbptt.model.random;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

@Tag("property")
class PhiloxPropertyTest {

  @Property(tries = 200)
  void fewerWordsAreAPrefixOfMore(
      @ForAll long seed,
      @ForAll Purpose purpose,
      @ForAll int epoch,
      @ForAll int window,
      @ForAll @IntRange(max = 40) int fewer,
      @ForAll @IntRange(max = 40) int additional) {
    int[] words = Philox.words(seed, purpose, epoch, window, fewer + additional);

    assertThat(Philox.words(seed, purpose, epoch, window, fewer))
        .containsExactly(Arrays.copyOf(words, fewer));
  }
}
