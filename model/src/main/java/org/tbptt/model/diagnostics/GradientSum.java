package org.tbptt.model.diagnostics;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.tbptt.model.core.Gradients;
import org.tbptt.model.core.Parameter;

/** A weighted sum of windows' gradients, in double precision. */
final class GradientSum implements AutoCloseable {

  private final SortedMap<Parameter, INDArray> sums = new TreeMap<>();

  /** Adds gradients, which are released. */
  void add(Gradients gradients, double weight) {
    gradients.byParameter().forEach((parameter, gradient) -> add(parameter, gradient, weight));
  }

  private void add(Parameter parameter, INDArray gradient, double weight) {
    INDArray weighted = gradient.castTo(DataType.DOUBLE).muli(weight);
    gradient.close();
    INDArray sum = sums.putIfAbsent(parameter, weighted);
    if (sum != null) {
      sum.addi(weighted);
      weighted.close();
    }
  }

  /** How this differs from the full gradient: for each parameter, then for all together. */
  List<Bias> biasesTo(GradientSum full) {
    List<Bias> biases = new ArrayList<>();
    double differences = 0;
    double products = 0;
    double squares = 0;
    double fullSquares = 0;
    for (Parameter parameter : sums.keySet()) {
      INDArray own = sums.get(parameter);
      INDArray other = full.sums.get(parameter);
      double difference = squareOfDistance(own, other);
      double product = dot(own, other);
      double square = dot(own, own);
      double fullSquare = dot(other, other);
      biases.add(bias(parameter.symbol(), difference, product, square, fullSquare));
      differences += difference;
      products += product;
      squares += square;
      fullSquares += fullSquare;
    }
    biases.add(bias(Bias.ALL, differences, products, squares, fullSquares));
    return biases;
  }

  @Override
  public void close() {
    sums.values().forEach(INDArray::close);
  }

  private static Bias bias(
      String name, double difference, double product, double square, double fullSquare) {
    return new Bias(
        name, Math.sqrt(difference / fullSquare), product / Math.sqrt(square * fullSquare));
  }

  private static double dot(INDArray one, INDArray other) {
    try (INDArray product = one.mul(other)) {
      return product.sumNumber().doubleValue();
    }
  }

  private static double squareOfDistance(INDArray one, INDArray other) {
    try (INDArray difference = one.sub(other)) {
      double norm = difference.norm2Number().doubleValue();
      return norm * norm;
    }
  }
}
