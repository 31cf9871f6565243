package org.tbptt.model.truncation;

/**
 * The corpus in chunks of n steps, full backpropagation inside each: errors travel 1 to n steps,
 * (n+1)/2 on average. What TensorFlow's and PyTorch's tutorials do; epochwise BPTT(n; n) of
 * Williams and Zipser.
 *
 * @param bpttSteps n, at least 1; also the length T of a window
 */
public record TensorFlowStyle(int bpttSteps) implements Truncation {

  public TensorFlowStyle {
    Checks.atLeastOne("bptt-steps", bpttSteps);
  }

  @Override
  public String style() {
    return "tf";
  }

  @Override
  public int seqLen() {
    return bpttSteps;
  }

  @Override
  public int injectEvery() {
    return bpttSteps;
  }
}
