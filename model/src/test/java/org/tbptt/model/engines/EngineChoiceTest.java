package org.tbptt.model.engines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.tbptt.model.core.Precision;
import org.tbptt.model.nativecore.NativeLibrary;
import org.tbptt.model.setting.InvalidSettingException;

class EngineChoiceTest {

  @ParameterizedTest
  @CsvSource({"NATIVE, native", "ND4J, nd4j", "DL4J, dl4j"})
  void aNamedEngineIsThatOne(EngineChoice choice, String name) {
    assertThat(choice.wanted().name()).isEqualTo(name);
  }

  @Test
  void autoIsTheNativeCoreWhereItWasBuiltAndElseTheReference() {
    String expected = NativeLibrary.problem().isEmpty() ? "native" : "nd4j";

    assertThat(EngineChoice.AUTO.engine().name()).isEqualTo(expected);
  }

  @ParameterizedTest
  @EnumSource(names = {"ND4J", "DL4J"})
  void onlyTheNativeCoreHasOtherPrecisions(EngineChoice choice) {
    assertThatThrownBy(() -> choice.check(Precision.BF16))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessage(
            "precision = bf16: engine = %s has only fp32; native has all", choice.wanted().name());
    assertThatCode(() -> choice.check(Precision.FP32)).doesNotThrowAnyException();
    assertThatCode(() -> EngineChoice.NATIVE.check(Precision.BF16)).doesNotThrowAnyException();
  }

  @Test
  void withoutTheNativeCoreAutoHasNoOtherPrecision() {
    NativeLibrary.problem()
        .ifPresentOrElse(
            problem ->
                assertThatThrownBy(() -> EngineChoice.AUTO.require(Precision.BF16))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessage("precision = bf16: " + problem),
            () ->
                assertThatCode(() -> EngineChoice.AUTO.require(Precision.BF16))
                    .doesNotThrowAnyException());
    assertThatThrownBy(() -> EngineChoice.ND4J.require(Precision.BF16))
        .hasMessage("precision = bf16: nd4j has only fp32");
    assertThatCode(() -> EngineChoice.ND4J.require(Precision.FP32)).doesNotThrowAnyException();
  }

  @Test
  void gradientsOfATrialByDl4jAreMeasuredByAnotherEngine() {
    assertThat(EngineChoice.DL4J.toMeasure()).isEqualTo(EngineChoice.AUTO);
    assertThat(EngineChoice.ND4J.toMeasure()).isEqualTo(EngineChoice.ND4J);
  }
}
