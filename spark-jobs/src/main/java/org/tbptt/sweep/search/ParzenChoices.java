package org.tbptt.sweep.search;

import java.util.Arrays;

/**
 * The probability of each of C choices by n values with weights w_i, and a prior without preference
 * of weight 1. The kernel of a value has 1 + 1 / (n + 1) where the value is and 1 / (n + 1)
 * elsewhere, divided by their sum.
 */
final class ParzenChoices implements Parzen {

  private final double[] probability;

  ParzenChoices(Choices choices, double[] values) {
    int kernels = values.length + 1;
    double smoothing = 1.0 / kernels;
    double sum = 1 + smoothing * choices.count();
    double total = 1; // the prior
    double[] at = new double[choices.count()];
    for (int i = 0; i < values.length; i++) {
      double weight = Parzen.weight(i, values.length);
      at[(int) values[i]] += weight / sum;
      total += weight;
    }
    double everywhere = 1.0 / choices.count() + (total - 1) * smoothing / sum;
    double all = total;
    probability = Arrays.stream(at).map(own -> (own + everywhere) / all).toArray();
  }

  @Override
  public double draw(double u, double v) {
    double left = u;
    int choice = 0;
    while (choice < probability.length - 1 && left >= probability[choice]) {
      left -= probability[choice++];
    }
    return choice;
  }

  @Override
  public double density(double value) {
    return probability[(int) value];
  }
}
