package org.tbptt.sweep.models;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextGeneratorTest {

  /** Of probabilities 0.2 and 0.8: their squares are as 1 to 16, their roots as 1 to 2. */
  @ParameterizedTest
  @CsvSource({
    "1, 0.19, 0",
    "1, 0.21, 1",
    "0.5, 0.058, 0",
    "0.5, 0.06, 1",
    "2, 0.33, 0",
    "2, 0.34, 1",
    "1, 0.9999999, 1",
    "0.001, 0, 1"
  })
  void aTemperatureIsThePowerOfTheProbabilities(double temperature, double uniform, int drawn) {
    assertThat(TextGenerator.draw(new double[] {0.2, 0.8}, temperature, uniform)).isEqualTo(drawn);
  }
}
