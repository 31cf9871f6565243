package org.tbptt.bench;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.tbptt.model.core.Draws;
import org.tbptt.model.core.Precision;
import org.tbptt.model.core.RnnCore;
import org.tbptt.model.corpus.Window;
import org.tbptt.model.corpus.WindowStream;
import org.tbptt.model.nativecore.NativeEngine;
import org.tbptt.model.reference.Nd4jEngine;

/** One of this project's engines, in the loop that trials run. */
final class CoreContestant extends WindowLoop {

  private static final long SEED = 1;

  private final RnnCore core;
  private final WindowStream corpus;

  private CoreContestant(Row row, RnnCore core) {
    super(row);
    this.core = core;
    this.corpus = SyntheticCorpus.of(row.workload());
  }

  static Contestant ofNative(Workload workload, Precision precision) {
    RnnCore core = new NativeEngine().open(workload.config(precision), SEED, 1);
    return new CoreContestant(new Row("native", precision, workload), core);
  }

  static Contestant ofNd4j(Workload workload) {
    RnnCore core = new Nd4jEngine().open(workload.config(Precision.FP32), SEED, 1);
    return new CoreContestant(new Row("nd4j", Precision.FP32, workload), core);
  }

  @Override
  void train(int index) {
    Window window = corpus.window(index % corpus.windows());
    Draws draws = Draws.of(row().workload().keep(), 1, SEED, 1, index);
    if (row().workload().gradientsOnly()) {
      core.gradients(window, draws).byParameter().values().forEach(INDArray::close);
    } else {
      double loss = core.train(window, draws, Workload.LEARNING_RATE).loss();
      if (!Double.isFinite(loss)) {
        throw new ContestException("the loss became " + loss);
      }
    }
  }

  @Override
  public void close() {
    core.close();
  }
}
