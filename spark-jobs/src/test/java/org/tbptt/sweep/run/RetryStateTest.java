package org.tbptt.sweep.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.tbptt.sweep.run.RetryState.Loss;
import org.tbptt.sweep.run.RetryState.State;
import org.tbptt.sweep.run.RetryState.Turn;

class RetryStateTest {

  private final RetryState retry = new RetryState(0);

  @Test
  void aTrialWaitsRunsAndWaitsAgain() {
    assertThat(retry.state()).isEqualTo(State.WAITING);
    retry.start();
    assertThat(retry.state()).isEqualTo(State.RUNNING);
    retry.lost(new Loss("1", "exited", 0));
    assertThat(retry.state()).isEqualTo(State.LOST);
    assertThat(retry.judge(true)).isEmpty();
    assertThat(retry.state()).isEqualTo(State.WAITING);
    assertThat(retry.turn()).isEqualTo(Turn.NEXT);
  }

  @Test
  void threeStartsInVainByEarlierDriversDeferTheFirstStart() {
    assertThat(new RetryState(2).turn()).isEqualTo(Turn.NEXT);
    RetryState deferred = new RetryState(3);
    assertThat(deferred.turn()).isEqualTo(Turn.DEFERRED);
    deferred.start();
    assertThat(deferred.turn()).isEqualTo(Turn.NEXT);
  }

  @Test
  void lossesInCompanyMakeASuspectThatHasToBeAloneInTheEnd() {
    lose(false);
    assertThat(retry.turn()).isEqualTo(Turn.NEXT);
    lose(false);
    assertThat(retry.turn()).isEqualTo(Turn.SUSPECT);
    lose(false);
    assertThat(retry.turn()).isEqualTo(Turn.ALONE);
    lose(true);
    lose(true);
    lose(true);
    assertThat(retry.state()).isEqualTo(State.GIVEN_UP);
  }

  @Test
  void lossesInCompanyDoNotCount() {
    for (int i = 1; i <= 20; i++) {
      lose(false);
    }
    assertThat(retry.state()).isEqualTo(State.WAITING);
  }

  @Test
  void anotherCheckpointClearsASuspect() {
    retry.reached("e1");
    lose(false);
    lose(false);
    retry.reached("e1");
    assertThat(retry.isSuspect()).isTrue();
    retry.reached("e2");
    assertThat(retry.isSuspect()).isFalse();
    lose(true);
    lose(true);
    assertThat(retry.state()).isEqualTo(State.WAITING);
  }

  @Test
  void aFailureIsPausedUntilItsTimeIsOver() {
    retry.start();
    assertThat(retry.failed("no permission", 100)).isEmpty();
    assertThat(retry.pause()).isEqualTo(2);
    retry.resume(99 + TimeUnit.SECONDS.toNanos(2));
    assertThat(retry.state()).isEqualTo(State.PAUSED);
    retry.resume(100 + TimeUnit.SECONDS.toNanos(2));
    assertThat(retry.state()).isEqualTo(State.WAITING);
  }

  @Test
  void whatIsNotRunningCannotBeLost() {
    assertThatThrownBy(() -> lost())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the trial is WAITING, not RUNNING");
  }

  private void lose(boolean alone) {
    retry.start();
    lost();
    retry.judge(alone);
  }

  private void lost() {
    retry.lost(new Loss("1", "exited", 0));
  }
}
