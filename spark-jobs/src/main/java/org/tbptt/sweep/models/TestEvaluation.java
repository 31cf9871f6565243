package org.tbptt.sweep.models;

import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.spark.impl.multilayer.SparkDl4jMultiLayer;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.NoOp;
import org.tbptt.model.core.CoreConfig;
import org.tbptt.model.core.Evaluation;
import org.tbptt.model.core.Normalisation;
import org.tbptt.model.core.Optimizer;
import org.tbptt.model.core.Precision;
import org.tbptt.model.core.RnnCore;
import org.tbptt.model.core.UpdateRule;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.corpus.Window;
import org.tbptt.model.engines.EngineChoice;
import org.tbptt.model.handover.Dl4jNetwork;
import org.tbptt.model.store.StoredModel;
import org.tbptt.model.train.TrialSpec;
import org.tbptt.model.train.TrialWindows;

/**
 * The loss of a stored model on the test stream of its corpus, always in single precision: by an
 * engine on the driver, and by DL4J on Spark.
 */
public final class TestEvaluation {

  /** The name of DL4J as an engine. */
  public static final String DL4J = "dl4j";

  private final StoredModel model;
  private final Corpus corpus;
  private final TestSequences test;

  /**
   * Cuts the test stream.
   *
   * @throws IllegalArgumentException as {@link TrialWindows#of}
   */
  public TestEvaluation(StoredModel model, Corpus corpus) {
    this.model = model;
    this.corpus = corpus;
    this.test = new TestSequences(model.card().spec(), corpus);
  }

  /** Sum of the losses, tokens, and the engine that computed them. */
  public record ByEngine(Evaluation evaluation, String engine) {}

  /** By the native core, or by the reference engine if the native core cannot. */
  public ByEngine byEngine() {
    return by(EngineChoice.AUTO);
  }

  /** By DL4J on Spark, or by the reference engine if DL4J has no layers for the network. */
  public ByEngine bySecond(JavaSparkContext spark) {
    return Dl4jNetwork.has(model.card().spec().model())
        ? new ByEngine(byDl4j(spark), DL4J)
        : by(EngineChoice.ND4J);
  }

  private ByEngine by(EngineChoice engine) {
    TrialSpec spec = model.card().spec();
    CoreConfig config =
        new CoreConfig(
            corpus.vocabulary().size(),
            spec.training().batchSize(),
            test.longestWindow(),
            spec.model(),
            spec.truncation(),
            UpdateRule.of(Optimizer.SGD),
            Normalisation.MEAN,
            Precision.FP32);
    try (RnnCore core = engine.open(config, spec.seed(), 1)) {
      model.writeTo(core);
      double losses = 0;
      long counted = 0;
      for (Window window : test.windows()) {
        if (!test.carriesState()) {
          core.resetState();
        }
        Evaluation evaluation = core.evaluate(window);
        losses += evaluation.lossSum();
        counted += evaluation.counted();
      }
      return new ByEngine(new Evaluation(losses, counted), core.engine());
    }
  }

  /**
   * By dl4j-spark, on whole columns or sentences, each from a zero state. A task holds about 16
   * bytes * V for every step of its column outside the heap.
   */
  private Evaluation byDl4j(JavaSparkContext spark) {
    List<TestSequences.Sequence> sequences = test.sequences();
    long counted = sequences.stream().mapToLong(sequence -> sequence.targets().length).sum();
    JavaRDD<DataSet> columns =
        spark
            .parallelize(sequences, Math.min(sequences.size(), spark.defaultParallelism()))
            .map(
                sequence ->
                    new DataSet(
                        Dl4jNetwork.ids(sequence.inputs()), Dl4jNetwork.ids(sequence.targets())));
    MultiLayerNetwork network =
        Dl4jNetwork.of(model.card().spec().model(), model.weights(), new NoOp());
    // One example at a time: their lengths differ.
    double losses =
        new SparkDl4jMultiLayer(spark, network, null).scoreExamples(columns, false, 1).sum();
    return new Evaluation(losses, counted);
  }
}
