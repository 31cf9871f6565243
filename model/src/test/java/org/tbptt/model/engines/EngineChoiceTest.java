package org.tbptt.model.engines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.tbptt.model.core.Carry;
import org.tbptt.model.core.Cell;
import org.tbptt.model.core.Initialiser;
import org.tbptt.model.core.Precision;
import org.tbptt.model.core.RnnModel;
import org.tbptt.model.nativecore.NativeLibrary;
import org.tbptt.model.setting.InvalidSettingException;

class EngineChoiceTest {

  private static final RnnModel TANH = network(Cell.TANH, 1);

  @ParameterizedTest
  @CsvSource({"NATIVE, native", "ND4J, nd4j", "DL4J, dl4j"})
  void aNamedEngineIsThatOne(EngineChoice choice, String name) {
    assertThat(choice.wanted(TANH).name()).isEqualTo(name);
  }

  @Test
  void autoIsTheNativeCoreWhereItWasBuiltAndElseTheReference() {
    String expected = NativeLibrary.problem().isEmpty() ? "native" : "nd4j";

    assertThat(EngineChoice.AUTO.engine(TANH).name()).isEqualTo(expected);
  }

  @ParameterizedTest
  @EnumSource(names = {"ND4J", "DL4J"})
  void onlyTheNativeCoreHasOtherPrecisions(EngineChoice choice) {
    assertThatThrownBy(() -> choice.check(Precision.BF16))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessage(
            "precision = bf16: engine = %s has only fp32; native has all",
            choice.wanted(TANH).name());
    assertThatCode(() -> choice.check(Precision.FP32)).doesNotThrowAnyException();
    assertThatCode(() -> EngineChoice.NATIVE.check(Precision.BF16)).doesNotThrowAnyException();
  }

  @Test
  void gradientsOfATrialByDl4jAreMeasuredByAnotherEngine() {
    assertThat(EngineChoice.DL4J.toMeasure()).isEqualTo(EngineChoice.AUTO);
    assertThat(EngineChoice.ND4J.toMeasure()).isEqualTo(EngineChoice.ND4J);
  }

  @ParameterizedTest
  @CsvSource({"LSTM, 1", "GRU, 1", "TANH, 2"})
  void whatTheNativeCoreHasNotTheReferenceTrains(Cell cell, int layers) {
    assertThat(EngineChoice.AUTO.wanted(network(cell, layers)).name()).isEqualTo("nd4j");
    assertThat(EngineChoice.NATIVE.wanted(network(cell, layers)).name()).isEqualTo("native");
  }

  private static RnnModel network(Cell cell, int layers) {
    return new RnnModel(cell, layers, 3, 2, 1, Initialiser.GLOROT, 0.1, 1, Carry.STATE);
  }
}
