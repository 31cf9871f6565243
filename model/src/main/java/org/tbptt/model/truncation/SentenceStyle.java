package org.tbptt.model.truncation;

/**
 * A window is a batch of sentences, read from a zero state; every error goes back n steps, its own
 * included, or to the start of its sentence. WildML's per-sentence training, whose {@code
 * bptt_truncate = m} is n = m+1 here.
 *
 * @param bpttSteps n, at least 1
 */
public record SentenceStyle(int bpttSteps) implements Truncation {

  public SentenceStyle {
    Checks.atLeastOne("bptt-steps", bpttSteps);
  }

  @Override
  public String style() {
    return "sentence";
  }

  @Override
  public int seqLen() {
    return 0;
  }

  @Override
  public boolean carriesState() {
    return false;
  }
}
