package org.tbptt.model.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.nd4j.autodiff.samediff.SDIndex;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.tbptt.model.corpus.Window;

/**
 * The model as a SameDiff graph, a node per step, whose gradients are ND4J's automatic
 * differentiation through the whole window: nothing in it was derived by hand.
 */
final class SameDiffOracle {

  private SameDiffOracle() {}

  /**
   * The gradients of a window's mean loss by every parameter, in double precision.
   *
   * @param state h before the window, (B,H)
   */
  static Gradients gradients(
      Cell cell, Map<Parameter, INDArray> parameters, INDArray state, Window window, Draws draws) {
    RnnShape shape = shape(parameters, window);
    SameDiff graph = SameDiff.create();
    Map<Parameter, SDVariable> variables = new TreeMap<>();
    parameters.forEach(
        (parameter, values) ->
            variables.put(
                parameter, graph.var(parameter.symbol(), values.castTo(DataType.DOUBLE))));
    SDVariable inputMask = masks(graph, draws.mask(shape, 0), shape, shape.embedding());
    SDVariable outputMask = masks(graph, draws.mask(shape, 1), shape, shape.hidden());

    SDVariable h = graph.constant(state.castTo(DataType.DOUBLE));
    List<SDVariable> losses = new ArrayList<>();
    for (int t = 0; t < shape.steps(); t++) {
      // One-hot rows times Emb: the gradient of SameDiff's gather cannot be built.
      SDVariable x =
          oneHot(graph, step(window.inputs(), t, shape), shape)
              .mmul(variables.get(Parameter.EMBEDDING))
              .mul(at(inputMask, t));
      SDVariable sums =
          graph
              .concat(1, x, h)
              .mmul(variables.get(Parameter.RECURRENT))
              .add(variables.get(Parameter.RECURRENT_BIAS));
      h =
          switch (cell) {
            case TANH -> graph.math().tanh(sums);
            case RELU -> graph.nn().relu(sums, 0);
            case IDENTITY -> sums;
            case LSTM, GRU -> throw new IllegalArgumentException(cell + " has gates");
          };
      SDVariable logits =
          h.mul(at(outputMask, t))
              .mmul(variables.get(Parameter.SOFTMAX))
              .add(variables.get(Parameter.SOFTMAX_BIAS));
      SDVariable targets = oneHot(graph, step(window.targets(), t, shape), shape);
      losses.add(graph.nn().logSoftmax(logits).mul(targets).sum());
    }
    SDVariable loss =
        graph.math().mergeAdd(losses.toArray(SDVariable[]::new)).div("loss", -shape.tokens());
    graph.setLossVariables(loss);

    Map<String, INDArray> bySymbol =
        graph.calculateGradients(
            Map.of(), variables.values().stream().map(SDVariable::name).toList());
    Map<Parameter, INDArray> gradients = new TreeMap<>();
    variables.forEach(
        (parameter, variable) -> gradients.put(parameter, bySymbol.get(variable.name())));
    return new Gradients(loss.eval().getDouble(0), gradients);
  }

  private static RnnShape shape(Map<Parameter, INDArray> parameters, Window window) {
    INDArray embedding = parameters.get(Parameter.EMBEDDING);
    return new RnnShape(
        embedding.rows(),
        embedding.columns(),
        parameters.get(Parameter.RECURRENT).columns(),
        window.columns(),
        window.steps());
  }

  /** A (T,B,width) constant. */
  private static SDVariable masks(SameDiff graph, float[] values, RnnShape shape, int width) {
    return graph.constant(
        Nd4j.createFromArray(values)
            .castTo(DataType.DOUBLE)
            .reshape(shape.steps(), shape.batch(), width));
  }

  /** A (B,V) constant. */
  private static SDVariable oneHot(SameDiff graph, int[] tokens, RnnShape shape) {
    INDArray rows = Nd4j.zeros(DataType.DOUBLE, shape.batch(), shape.vocabulary());
    for (int b = 0; b < tokens.length; b++) {
      rows.putScalar(b, tokens[b], 1);
    }
    return graph.constant(rows);
  }

  private static SDVariable at(SDVariable masks, int t) {
    return masks.get(SDIndex.point(t), SDIndex.all(), SDIndex.all());
  }

  private static int[] step(int[] timeMajor, int t, RnnShape shape) {
    return Arrays.copyOfRange(timeMajor, t * shape.batch(), (t + 1) * shape.batch());
  }
}
