package org.tbptt.sweep.search;

import java.util.List;

/** Functions with known minima, to be searched. */
@SuppressWarnings("ImmutableEnumChecker") // its spaces are never changed
enum Functions {
  /** Dixon and Szego 1978. */
  BRANIN(List.of(linear(-5, 10), linear(0, 15)), 0.39788735772973816) {
    @Override
    double of(List<Double> x) {
      double b = 5.1 / (4 * Math.PI * Math.PI);
      double a = x.get(1) - b * x.get(0) * x.get(0) + 5 / Math.PI * x.get(0) - 6;
      return a * a + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x.get(0)) + 10;
    }
  },
  /** Hartman 1973, six dimensions. */
  HARTMANN_6(
      List.of(linear(0, 1), linear(0, 1), linear(0, 1), linear(0, 1), linear(0, 1), linear(0, 1)),
      -3.32236801141551) {
    @Override
    double of(List<Double> x) {
      double sum = 0;
      for (int i = 0; i < 4; i++) {
        double inner = 0;
        for (int j = 0; j < 6; j++) {
          inner += A[i][j] * Math.pow(x.get(j) - P[i][j] * 1e-4, 2);
        }
        sum -= ALPHA[i] * Math.exp(-inner);
      }
      return sum;
    }
  },
  /** As of a learning rate, a whole number on a logarithmic scale, one with steps, and a cell. */
  MIXED(
      List.of(
          new Range(1e-5, 1, Scale.LOG, 0),
          new Range(8, 512, Scale.LOG, 1),
          new Range(0.1, 1, Scale.LINEAR, 0.1),
          new Choices(5),
          new Choices(3)),
      0) {
    @Override
    double of(List<Double> x) {
      double rate = Math.log10(x.get(0) / 0.003);
      double units = Math.log(x.get(1) / 128) / Math.log(2);
      double keep = x.get(2) - 0.7;
      double cell = new double[] {0.6, 0.3, 0, 0.8, 0.5}[x.get(3).intValue()];
      double style = new double[] {0.2, 0, 0.4}[x.get(4).intValue()];
      return rate * rate + 0.1 * units * units + 2 * keep * keep + cell + style;
    }
  };

  private static final double[] ALPHA = {1.0, 1.2, 3.0, 3.2};
  private static final double[][] A = {
    {10, 3, 17, 3.5, 1.7, 8},
    {0.05, 10, 17, 0.1, 8, 14},
    {3, 3.5, 1.7, 10, 17, 8},
    {17, 8, 0.05, 10, 0.1, 14}
  };
  private static final double[][] P = {
    {1312, 1696, 5569, 124, 8283, 5886},
    {2329, 4135, 8307, 3736, 1004, 9991},
    {2348, 1451, 3522, 2883, 3047, 6650},
    {4047, 8828, 8732, 5743, 1091, 381}
  };

  private final Space space;
  private final double minimum;

  Functions(List<Dimension> dimensions, double minimum) {
    this.space = new Space(dimensions);
    this.minimum = minimum;
  }

  abstract double of(List<Double> x);

  Space space() {
    return space;
  }

  double minimum() {
    return minimum;
  }

  private static Range linear(double min, double max) {
    return new Range(min, max, Scale.LINEAR, 0);
  }
}
