package org.tbptt.model.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The golden numbers of gated cells and of stacks. */
public interface CellsContract extends GoldenContract {

  @Test
  default void everyCellHasGoldenCases() throws Exception {
    assertThat(GoldenCase.cells()).hasSize(44);
    assertThat(GoldenCase.cellsWithLags()).hasSize(14);
  }

  @ParameterizedTest
  @MethodSource("org.tbptt.model.core.GoldenCase#cells")
  default void gradientsOfEveryCellMatch(GoldenCase golden) {
    gradientsMatchTheIndependentImplementation(golden);
  }

  @ParameterizedTest
  @MethodSource("org.tbptt.model.core.GoldenCase#cells")
  default void aStepOfEveryCellCarriesTheLastStateOn(GoldenCase golden) {
    aStepCarriesTheLastStateOn(golden);
  }

  @ParameterizedTest
  @MethodSource("org.tbptt.model.core.GoldenCase#cellsWithLags")
  default void lagsOfEveryCellMatch(GoldenCase golden) {
    lagsMatchTheIndependentImplementation(golden);
  }
}
