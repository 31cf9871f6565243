package org.tbptt.sweep.stopping;

/** Every trial is trained to its last epoch. */
record NoStopping() implements StoppingRule {

  @Override
  public String word() {
    return "none";
  }

  @Override
  public int epochOf(int rung) {
    return Integer.MAX_VALUE;
  }

  @Override
  public boolean comparesTrials() {
    return false;
  }

  @Override
  public double score(double[] losses, int epoch) {
    throw noRungs();
  }

  @Override
  public double limit(SortedLosses earlier) {
    throw noRungs();
  }

  @Override
  public Decision decide(int candidate, int rung, double[] losses, SortedLosses earlier) {
    throw noRungs();
  }

  private static UnsupportedOperationException noRungs() {
    return new UnsupportedOperationException("there are no rungs");
  }
}
