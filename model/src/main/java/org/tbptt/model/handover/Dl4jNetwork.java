package org.tbptt.model.handover;

import static org.nd4j.linalg.indexing.NDArrayIndex.all;
import static org.nd4j.linalg.indexing.NDArrayIndex.interval;

import java.util.Map;
import java.util.TreeMap;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.lossfunctions.impl.LossSparseMCXENT;
import org.tbptt.model.core.Cell;
import org.tbptt.model.core.Parameter;
import org.tbptt.model.core.RnnModel;

/**
 * The network as DL4J's layers: EmbeddingSequenceLayer, a SimpleRnn or LSTM for each recurrent
 * layer, RnnOutputLayer. Its input and its labels are ids, (B,1,T); its output is probabilities,
 * (B,V,T). DL4J has no GRU.
 */
public final class Dl4jNetwork {

  /** DL4J's order of an LSTM's gates is g f o i, each named by its number in i f g o. */
  private static final int[] LSTM_GATES = {2, 1, 3, 0};

  private Dl4jNetwork() {}

  /** Whether DL4J has layers for a network: it has none for a GRU. */
  public static boolean has(RnnModel model) {
    return switch (model.cell()) {
      case TANH, RELU, IDENTITY, LSTM -> true;
      case GRU -> false;
    };
  }

  /**
   * A network with these weights.
   *
   * @param weights every parameter, in the shape that {@link Parameter} tells; copied
   * @param updater what DL4J's fit turns gradients into updates by
   * @throws UnsupportedOperationException for a cell that DL4J has no layer for
   */
  public static MultiLayerNetwork of(
      RnnModel model, Map<Parameter, INDArray> weights, IUpdater updater) {
    int vocabulary = weights.get(Parameter.EMBEDDING).rows();
    MultiLayerNetwork network = new MultiLayerNetwork(layers(model, vocabulary, updater).build());
    network.init();
    weights.forEach((parameter, values) -> write(network, model, parameter, values));
    return network;
  }

  /** A sequence of ids as the network's input or labels: (1,1,T), FLOAT. */
  public static INDArray ids(int[] sequence) {
    return Nd4j.createFromArray(sequence).castTo(DataType.FLOAT).reshape(1, 1, sequence.length);
  }

  /** A copy of one parameter, in the shape that {@link Parameter} tells. */
  public static INDArray read(Map<String, INDArray> table, RnnModel model, Parameter parameter) {
    int layer = layer(model, parameter);
    INDArray found = table.get(layer + (isBias(parameter) ? "_b" : "_W"));
    return switch (parameter.kind()) {
      case EMBEDDING, SOFTMAX -> found.dup('c');
      case SOFTMAX_BIAS -> row(found);
      case RECURRENT_BIAS -> reordered(row(found), model, true);
      case RECURRENT ->
          reordered(Nd4j.vstack(found, table.get(layer + "_RW")).dup('c'), model, true);
    };
  }

  /** A bias is of rank 2 in a new network, of rank 1 in a loaded one. */
  private static INDArray row(INDArray bias) {
    return bias.dup('c').reshape(1, bias.length());
  }

  public static void write(
      MultiLayerNetwork network, RnnModel model, Parameter parameter, INDArray values) {
    Map<String, INDArray> table = network.paramTable();
    int layer = layer(model, parameter);
    INDArray target = table.get(layer + (isBias(parameter) ? "_b" : "_W"));
    switch (parameter.kind()) {
      case EMBEDDING, SOFTMAX, SOFTMAX_BIAS -> target.assign(values);
      case RECURRENT_BIAS -> target.assign(reordered(values, model, false));
      case RECURRENT -> {
        INDArray ordered = reordered(values, model, false);
        target.assign(ordered.get(interval(0, target.rows()), all()));
        table.get(layer + "_RW").assign(ordered.get(interval(target.rows(), values.rows()), all()));
      }
    }
  }

  /** Every parameter of a network, copied. */
  public static Map<Parameter, INDArray> read(Map<String, INDArray> table, RnnModel model) {
    Map<Parameter, INDArray> all = new TreeMap<>();
    for (Parameter parameter : model.shape(1, 1, 1).parameters()) {
      all.put(parameter, read(table, model, parameter));
    }
    return all;
  }

  private static int layer(RnnModel model, Parameter parameter) {
    return switch (parameter.kind()) {
      case EMBEDDING -> 0;
      case RECURRENT, RECURRENT_BIAS -> parameter.layer();
      case SOFTMAX, SOFTMAX_BIAS -> model.layers() + 1;
    };
  }

  private static boolean isBias(Parameter parameter) {
    return switch (parameter.kind()) {
      case EMBEDDING, RECURRENT, SOFTMAX -> false;
      case RECURRENT_BIAS, SOFTMAX_BIAS -> true;
    };
  }

  /** The columns of an LSTM's gates in DL4J's order, or from it; of other cells as they are. */
  private static INDArray reordered(INDArray columns, RnnModel model, boolean fromDl4j) {
    if (model.cell() != Cell.LSTM) {
      return columns;
    }
    INDArray reordered = columns.dup('c');
    for (int place = 0; place < LSTM_GATES.length; place++) {
      INDArrayIndex theirs = gate(place, model);
      INDArrayIndex ours = gate(LSTM_GATES[place], model);
      reordered
          .get(all(), fromDl4j ? ours : theirs)
          .assign(columns.get(all(), fromDl4j ? theirs : ours));
    }
    return reordered;
  }

  private static INDArrayIndex gate(int gate, RnnModel model) {
    return interval((long) gate * model.stateSize(), (gate + 1L) * model.stateSize());
  }

  public static NeuralNetConfiguration.ListBuilder layers(
      RnnModel model, int vocabulary, IUpdater updater) {
    NeuralNetConfiguration.ListBuilder layers =
        new NeuralNetConfiguration.Builder()
            .updater(updater)
            .list()
            .layer(
                new EmbeddingSequenceLayer.Builder()
                    .nIn(vocabulary)
                    .nOut(model.embedSize())
                    .hasBias(false)
                    .activation(Activation.IDENTITY)
                    .outputDataFormat(RNNFormat.NCW)
                    .build());
    for (int layer = 1; layer <= model.layers(); layer++) {
      layers.layer(recurrent(model, layer == 1 ? model.embedSize() : model.stateSize()));
    }
    return layers.layer(
        new RnnOutputLayer.Builder(new LossSparseMCXENT())
            .nIn(model.stateSize())
            .nOut(vocabulary)
            .activation(Activation.SOFTMAX)
            .dataFormat(RNNFormat.NCW)
            .dropOut(model.keepProb())
            .build());
  }

  private static Layer recurrent(RnnModel model, int inputs) {
    return switch (model.cell()) {
      case TANH -> simple(model, inputs, Activation.TANH);
      case RELU -> simple(model, inputs, Activation.RELU);
      case IDENTITY -> simple(model, inputs, Activation.IDENTITY);
      case LSTM ->
          new LSTM.Builder()
              .nIn(inputs)
              .nOut(model.stateSize())
              .activation(Activation.TANH)
              .gateActivationFunction(Activation.SIGMOID)
              .dataFormat(RNNFormat.NCW)
              .dropOut(model.keepProb())
              .build();
      case GRU -> throw new UnsupportedOperationException("DL4J has no layer for cell = gru");
    };
  }

  private static Layer simple(RnnModel model, int inputs, Activation activation) {
    return new SimpleRnn.Builder()
        .nIn(inputs)
        .nOut(model.stateSize())
        .activation(activation)
        .dataFormat(RNNFormat.NCW)
        .dropOut(model.keepProb())
        .build();
  }
}
