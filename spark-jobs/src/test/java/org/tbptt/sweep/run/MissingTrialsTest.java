package org.tbptt.sweep.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.tbptt.model.train.TrialSpec;
import org.tbptt.model.train.TrialStatus;
import org.tbptt.model.truncation.TrueStyle;
import org.tbptt.sweep.TestTrials;
import org.tbptt.sweep.results.TrialEnding;
import org.tbptt.sweep.search.Budget;

class MissingTrialsTest {

  private static final TrialSpec SPEC = TestTrials.spec(new TrueStyle(5, 20), 0.01, 1);

  private static final int EPOCHS = SPEC.training().epochs();

  private long now;

  @Test
  void doneTrialsArePassedOverAndCount() {
    MissingTrials trials =
        new MissingTrials(
            five(),
            new Budget(3L * EPOCHS, 0),
            trial ->
                trial.id().equals("1") || trial.id().equals("3")
                    ? Optional.of(ending(trial.id(), EPOCHS))
                    : Optional.empty());

    assertThat(taken(trials)).containsExactly("0", "2");
    assertThat(trials.isFinished()).as("trial 0 may end early").isFalse();
    trials.ended(ending("0", EPOCHS));
    assertThat(trials.hasNext()).isFalse();
    trials.ended(ending("2", EPOCHS));
    assertThat(trials.isFinished()).isTrue();
    assertThat(trials.shortfall())
        .contains("the budget of 60 epochs is spent; raise sweep.budget.epochs to continue");
  }

  @Test
  void whatIsStoppedEarlyLeavesItsEpochsToOthers() {
    MissingTrials trials = missing(new Budget(EPOCHS + 1L, 0));

    assertThat(taken(trials)).containsExactly("0", "1");
    trials.ended(ending("1", 1));
    assertThat(taken(trials)).as("trial 0 may have %d epochs", EPOCHS).isEmpty();
    assertThat(trials.isFinished()).isFalse();
    trials.ended(ending("0", 4));
    assertThat(taken(trials)).as("5 are spent").containsExactly("2");
    trials.ended(ending("2", EPOCHS - 4));
    assertThat(taken(trials)).isEmpty();
    assertThat(trials.isFinished()).isTrue();
  }

  @Test
  void afterItsHoursARunStartsNoTrial() {
    MissingTrials trials = missing(new Budget(0, 0.5));
    assertThat(trials.hasNext()).isTrue();
    assertThat(trials.next().id()).isEqualTo("0");
    now += TimeUnit.MINUTES.toNanos(30);
    assertThat(trials.hasNext()).isTrue();
    assertThat(trials.isFinished()).isFalse();
    now += 1;
    assertThat(trials.hasNext()).isFalse();
    assertThat(trials.isFinished()).isTrue();
    assertThat(trials.shortfall())
        .contains("the budget of 0.5 hours is spent; run again to continue");
  }

  @Test
  void aLateRunThatLeavesTrialsAfterARungSaysSo() {
    MissingTrials trials = missing(new Budget(0, 0.5));
    assertThat(taken(trials)).hasSize(5);
    now += TimeUnit.HOURS.toNanos(1);
    assertThat(trials.isLate()).isTrue();
    for (int i = 0; i < 4; i++) {
      trials.ended(ending("" + i, EPOCHS));
    }
    assertThat(trials.shortfall())
        .contains("the budget of 0.5 hours is spent; run again to continue");
    trials.ended(ending("4", EPOCHS));
    assertThat(trials.shortfall()).isEmpty();
  }

  @Test
  void withoutABudgetAllAreTrained() {
    MissingTrials trials = missing(Budget.NONE);
    assertThat(taken(trials)).containsExactly("0", "1", "2", "3", "4");
    assertThat(trials.isFinished()).isTrue();
    assertThat(trials.shortfall()).isEmpty();
  }

  private MissingTrials missing(Budget budget) {
    return new MissingTrials(five(), budget, trial -> Optional.empty(), () -> now);
  }

  private static GridSource five() {
    return new GridSource(
        IntStream.range(0, 5).mapToObj(i -> new PlannedTrial("" + i, SPEC, "label")).toList());
  }

  private static List<String> taken(MissingTrials trials) {
    List<String> taken = new ArrayList<>();
    while (trials.hasNext()) {
      taken.add(trials.next().id());
    }
    return taken;
  }

  private static TrialEnding ending(String id, int epochs) {
    return new TrialEnding(id, TrialStatus.COMPLETED, epochs, 0.5);
  }
}
