package org.tbptt.model.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class VocabularyTest {

  @Test
  void idsArePlacesInTheList() {
    Vocabulary vocabulary = new Vocabulary(List.of("b", "a"));

    assertThat(vocabulary.size()).isEqualTo(2);
    assertThat(vocabulary.word(0)).isEqualTo("b");
    assertThat(vocabulary.idOf("a")).hasValue(1);
    assertThat(vocabulary.idOf("c")).isEmpty();
  }

  @Test
  void frequentWordsComeFirstAndEqualOnesInTheirOrder() {
    Vocabulary vocabulary =
        Vocabulary.byFrequency(Map.of("the", 3, "a", 1, "Z", 1, "<eos>", 3, "b", 2));

    assertThat(vocabulary.words()).containsExactly("<eos>", "the", "b", "Z", "a");
  }

  @Test
  void wordsAreOrderedByCodePointsNotByUtf16Units() {
    String fullWidthTilde = "\uFF5E";
    String grinningFace = Character.toString(0x1F600); // UTF-16 starts with D83D

    Vocabulary vocabulary = Vocabulary.byFrequency(Map.of(grinningFace, 1, fullWidthTilde, 1));

    assertThat(vocabulary.words()).containsExactly(fullWidthTilde, grinningFace);
  }

  @Test
  void refusesNoWordsAndAWordTwice() {
    assertThatThrownBy(() -> new Vocabulary(List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a vocabulary needs at least one word");
    assertThatThrownBy(() -> new Vocabulary(List.of("a", "b", "a")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the word 'a' is in the vocabulary twice");
  }
}
