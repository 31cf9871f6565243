package org.tbptt.sweep.search;

/**
 * Which trials a budget of epochs lets start. In the order of trials, one starts if those before it
 * have fewer epochs than the budget; those that have not ended may still have fewer than they are
 * set to, so a trial may have to wait until that is known. It depends on no clock.
 */
public final class EpochBudget {

  /** What is known of the next trial. */
  public enum Verdict {
    STARTS,
    /** It depends on trials that have not ended. */
    WAITS,
    /** Neither it nor any later one starts. */
    SPENT
  }

  private final long budget;
  private long atLeast;
  private long atMost;

  public EpochBudget(Budget budget) {
    this.budget = budget.epochs() == 0 ? Long.MAX_VALUE : budget.epochs();
  }

  public Verdict next() {
    return atMost < budget ? Verdict.STARTS : atLeast < budget ? Verdict.WAITS : Verdict.SPENT;
  }

  /**
   * The next trial has started.
   *
   * @param epochs that it is set to
   */
  public void started(int epochs) {
    atMost += epochs;
  }

  /**
   * A trial has ended.
   *
   * @param epochs that it was set to
   * @param trained that it has had
   */
  public void ended(int epochs, int trained) {
    atMost -= epochs - trained;
    atLeast += trained;
  }
}
