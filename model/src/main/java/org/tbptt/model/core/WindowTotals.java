package org.tbptt.model.core;

/** Adds up the updates of one window. */
public final class WindowTotals {

  private StepResult last;
  private int updates;
  private double losses;
  private long counted;
  private double norms;
  private boolean clipped;

  public void add(StepResult update) {
    last = update;
    updates++;
    losses += update.loss() * update.counted();
    counted += update.counted();
    norms += update.gradientNorm();
    clipped |= update.clipped();
  }

  public StepResult result() {
    if (updates == 1) {
      return last;
    }
    double loss = counted == 0 ? 0 : losses / counted;
    return new StepResult(loss, counted, norms / updates, clipped);
  }
}
