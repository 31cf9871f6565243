package org.tbptt.bench;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.BaseRecurrentLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.impl.LossSparseMCXENT;
import org.tbptt.model.core.Cell;
import org.tbptt.model.core.Precision;
import org.tbptt.model.corpus.Window;
import org.tbptt.model.corpus.WindowStream;

/** The same network in DL4J's layers, trained by its own fit; every window from a zero state. */
final class Dl4jContestant extends WindowLoop {

  private final MultiLayerNetwork network;
  private final WindowStream corpus;

  Dl4jContestant(Workload workload) {
    super(new Row("dl4j", Precision.FP32, workload));
    this.network = new MultiLayerNetwork(configuration(workload));
    this.corpus = SyntheticCorpus.of(workload);
    network.init();
  }

  /** DL4J's, and ND4J's, which are released together. */
  static String version() throws IOException {
    String file = "/META-INF/maven/org.deeplearning4j/deeplearning4j-nn/pom.properties";
    Properties properties = new Properties();
    try (InputStream jar = MultiLayerNetwork.class.getResourceAsStream(file)) {
      properties.load(jar);
    }
    return properties.getProperty("version");
  }

  private static MultiLayerConfiguration configuration(Workload workload) {
    NeuralNetConfiguration.ListBuilder layers =
        new NeuralNetConfiguration.Builder()
            .seed(1)
            .updater(new Adam(Workload.LEARNING_RATE))
            .list()
            .layer(
                new EmbeddingSequenceLayer.Builder()
                    .nIn(workload.vocabulary())
                    .nOut(workload.embedding())
                    .hasBias(false)
                    .activation(Activation.IDENTITY)
                    .outputDataFormat(RNNFormat.NCW)
                    .build());
    for (int layer = 0; layer < workload.layers(); layer++) {
      BaseRecurrentLayer.Builder<?> recurrent =
          workload.cell() == Cell.LSTM ? new LSTM.Builder() : new SimpleRnn.Builder();
      recurrent
          .nIn(layer == 0 ? workload.embedding() : workload.hidden())
          .nOut(workload.hidden())
          .activation(Activation.TANH)
          .dropOut(workload.keep());
      layers.layer(recurrent.dataFormat(RNNFormat.NCW).build());
    }
    return layers
        .layer(
            new RnnOutputLayer.Builder(new LossSparseMCXENT())
                .nIn(workload.hidden())
                .nOut(workload.vocabulary())
                .activation(Activation.SOFTMAX)
                .dataFormat(RNNFormat.NCW)
                .dropOut(workload.keep())
                .build())
        .build();
  }

  @Override
  void train(int index) {
    Window window = corpus.window(index % corpus.windows());
    network.fit(new DataSet(sequences(window.inputs()), sequences(window.targets())));
  }

  /** [B,1,T]; of rank 2 it would train nothing. */
  private INDArray sequences(int[] timeMajor) {
    Workload workload = row().workload();
    return Nd4j.createFromArray(timeMajor)
        .castTo(DataType.FLOAT)
        .reshape(workload.steps(), workload.batch())
        .permute(1, 0)
        .dup('c')
        .reshape(workload.batch(), 1, workload.steps());
  }

  @Override
  public void close() {
    network.close();
  }
}
