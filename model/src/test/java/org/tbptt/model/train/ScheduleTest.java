package org.tbptt.model.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.tbptt.model.setting.InvalidSettingException;
import org.tbptt.model.train.Schedule.Kind;

class ScheduleTest {

  @Test
  void aConstantRateStaysWhateverTheFactor() {
    assertThat(startsOfEpochs(new Schedule(Kind.CONSTANT, 0.5, 1, 0), 3)).containsOnly(0.8);
    assertThat(Schedule.CONSTANT.rate(0.8, 7, 3, 5)).isEqualTo(0.8);
  }

  @Test
  void stepsComeAfterSoManyEpochs() {
    Schedule schedule = new Schedule(Kind.STEP, 0.5, 2, 0);

    assertThat(startsOfEpochs(schedule, 5)).containsExactly(0.8, 0.8, 0.4, 0.4, 0.2);
    assertThat(schedule.rate(0.8, 2, 9, 10)).isEqualTo(0.8);
  }

  @Test
  void theExponentialFallsALittleAtEachWindow() {
    Schedule schedule = new Schedule(Kind.EXPONENTIAL, 0.25, 2, 0);

    assertThat(startsOfEpochs(schedule, 5)).containsExactly(0.8, 0.4, 0.2, 0.1, 0.05);
    assertThat(schedule.rate(0.8, 1, 2, 4)).isCloseTo(0.8 / Math.sqrt(2), within(1e-15));
    double lastOfFirst = schedule.rate(0.8, 1, 3, 4);
    assertThat(lastOfFirst).isGreaterThan(schedule.rate(0.8, 2, 0, 4));
  }

  @Test
  void theRateBeginsToFallAfterTheEpochThatWasGiven() {
    // Zaremba, Sutskever and Vinyals 2014 halve the rate at each epoch after the fourth.
    assertThat(startsOfEpochs(new Schedule(Kind.STEP, 0.5, 1, 4), 7))
        .containsExactly(0.8, 0.8, 0.8, 0.8, 0.4, 0.2, 0.1);
    assertThat(startsOfEpochs(new Schedule(Kind.EXPONENTIAL, 0.25, 2, 1), 4))
        .containsExactly(0.8, 0.8, 0.4, 0.2);
    assertThat(new Schedule(Kind.STEP, 0.5, 1, 4).isConstant(4)).isTrue();
    assertThat(new Schedule(Kind.EXPONENTIAL, 0.5, 1, 4).isConstant(4)).isTrue();
    assertThat(new Schedule(Kind.EXPONENTIAL, 0.5, 1, 4).isConstant(5)).isFalse();
  }

  @Test
  void whatNeverChangesTheRateIsConstant() {
    assertThat(new Schedule(Kind.CONSTANT, 0.5, 3, 0).isConstant(9)).isTrue();
    assertThat(new Schedule(Kind.STEP, 1, 3, 0).isConstant(9)).isTrue();
    assertThat(new Schedule(Kind.STEP, 0.5, 3, 0).isConstant(3)).isTrue();
    assertThat(new Schedule(Kind.STEP, 0.5, 3, 0).isConstant(4)).isFalse();
    assertThat(new Schedule(Kind.EXPONENTIAL, 1, 3, 0).isConstant(9)).isTrue();
    assertThat(new Schedule(Kind.EXPONENTIAL, 0.5, 3, 0).isConstant(1)).isFalse();
  }

  @Test
  void impossibleNumbersAreRefused() {
    Map.of(0.0, "0", -1.0, "-1", 1.5, "1.5", Double.NaN, "NaN")
        .forEach(
            (factor, shown) ->
                assertThatThrownBy(() -> new Schedule(Kind.STEP, factor, 1, 0))
                    .isInstanceOf(InvalidSettingException.class)
                    .hasMessage("factor = " + shown + ": must be more than 0 and at most 1"));
    assertThatThrownBy(() -> new Schedule(Kind.STEP, 0.5, 0, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("epochs = 0: must be at least 1");
    assertThatThrownBy(() -> new Schedule(Kind.STEP, 0.5, 1, -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("after = -1: must be at least 0");
  }

  private static DoubleStream startsOfEpochs(Schedule schedule, int epochs) {
    return IntStream.rangeClosed(1, epochs).mapToDouble(epoch -> schedule.rate(0.8, epoch, 0, 10));
  }
}
