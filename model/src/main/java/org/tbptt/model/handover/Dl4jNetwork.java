package org.tbptt.model.handover;

import static org.nd4j.linalg.indexing.NDArrayIndex.all;
import static org.nd4j.linalg.indexing.NDArrayIndex.interval;

import java.util.EnumMap;
import java.util.Map;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.lossfunctions.impl.LossSparseMCXENT;
import org.tbptt.model.core.Cell;
import org.tbptt.model.core.Parameter;
import org.tbptt.model.core.RnnModel;

/**
 * The network as three of DL4J's layers: EmbeddingSequenceLayer, SimpleRnn, RnnOutputLayer. Its
 * input and its labels are ids, (B,1,T); its output is probabilities, (B,V,T).
 */
public final class Dl4jNetwork {

  private static final String EMBEDDING = "0_W";
  private static final String INPUT_ROWS = "1_W";
  private static final String STATE_ROWS = "1_RW";
  private static final String RECURRENT_BIAS = "1_b";
  private static final String SOFTMAX = "2_W";
  private static final String SOFTMAX_BIAS = "2_b";

  private Dl4jNetwork() {}

  /**
   * A network with these weights.
   *
   * @param weights every parameter, in the shape that {@link Parameter} tells; copied
   * @param updater DL4J's updater in fit
   */
  public static MultiLayerNetwork of(
      RnnModel model, Map<Parameter, INDArray> weights, IUpdater updater) {
    int vocabulary = weights.get(Parameter.EMBEDDING).rows();
    MultiLayerNetwork network = new MultiLayerNetwork(layers(model, vocabulary, updater).build());
    network.init();
    weights.forEach((parameter, values) -> write(network, parameter, values));
    return network;
  }

  /** A sequence of ids as the network's input or labels: (1,1,T), FLOAT. */
  public static INDArray ids(int[] sequence) {
    return Nd4j.createFromArray(sequence).castTo(DataType.FLOAT).reshape(1, 1, sequence.length);
  }

  /** A copy of one parameter, in the shape that {@link Parameter} tells. */
  public static INDArray read(Map<String, INDArray> table, Parameter parameter) {
    return switch (parameter) {
      case EMBEDDING -> table.get(EMBEDDING).dup('c');
      case RECURRENT -> Nd4j.vstack(table.get(INPUT_ROWS), table.get(STATE_ROWS)).dup('c');
      case RECURRENT_BIAS -> row(table.get(RECURRENT_BIAS));
      case SOFTMAX -> table.get(SOFTMAX).dup('c');
      case SOFTMAX_BIAS -> row(table.get(SOFTMAX_BIAS));
    };
  }

  /** A bias is of rank 2 in a new network, of rank 1 in a loaded one. */
  private static INDArray row(INDArray bias) {
    return bias.dup('c').reshape(1, bias.length());
  }

  public static void write(MultiLayerNetwork network, Parameter parameter, INDArray values) {
    Map<String, INDArray> table = network.paramTable();
    switch (parameter) {
      case EMBEDDING -> table.get(EMBEDDING).assign(values);
      case RECURRENT -> {
        INDArray inputRows = table.get(INPUT_ROWS);
        long embedding = inputRows.rows();
        inputRows.assign(values.get(interval(0, embedding), all()));
        table.get(STATE_ROWS).assign(values.get(interval(embedding, values.rows()), all()));
      }
      case RECURRENT_BIAS -> table.get(RECURRENT_BIAS).assign(values);
      case SOFTMAX -> table.get(SOFTMAX).assign(values);
      case SOFTMAX_BIAS -> table.get(SOFTMAX_BIAS).assign(values);
    }
  }

  /** Every parameter of a network, copied. */
  public static Map<Parameter, INDArray> read(Map<String, INDArray> table) {
    Map<Parameter, INDArray> all = new EnumMap<>(Parameter.class);
    for (Parameter parameter : Parameter.values()) {
      all.put(parameter, read(table, parameter));
    }
    return all;
  }

  public static NeuralNetConfiguration.ListBuilder layers(
      RnnModel model, int vocabulary, IUpdater updater) {
    return new NeuralNetConfiguration.Builder()
        .updater(updater)
        .list()
        .layer(
            new EmbeddingSequenceLayer.Builder()
                .nIn(vocabulary)
                .nOut(model.embedSize())
                .hasBias(false)
                .activation(Activation.IDENTITY)
                .outputDataFormat(RNNFormat.NCW)
                .build())
        .layer(
            new SimpleRnn.Builder()
                .nIn(model.embedSize())
                .nOut(model.stateSize())
                .activation(activation(model.cell()))
                .dataFormat(RNNFormat.NCW)
                .dropOut(model.keepProb())
                .build())
        .layer(
            new RnnOutputLayer.Builder(new LossSparseMCXENT())
                .nIn(model.stateSize())
                .nOut(vocabulary)
                .activation(Activation.SOFTMAX)
                .dataFormat(RNNFormat.NCW)
                .dropOut(model.keepProb())
                .build());
  }

  private static Activation activation(Cell cell) {
    return switch (cell) {
      case TANH -> Activation.TANH;
      case RELU -> Activation.RELU;
      case IDENTITY -> Activation.IDENTITY;
    };
  }
}
