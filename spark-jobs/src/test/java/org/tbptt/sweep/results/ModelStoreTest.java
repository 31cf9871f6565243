package org.tbptt.sweep.results;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.tbptt.model.core.Parameters;
import org.tbptt.model.store.ModelCard;
import org.tbptt.model.store.StoredModel;
import org.tbptt.model.train.EpochMetrics;
import org.tbptt.model.truncation.TensorFlowStyle;
import org.tbptt.sweep.TestTrials;

class ModelStoreTest {

  private static final String TRIAL = "0123456789abcdef";

  @TempDir private Path folder;

  @Test
  void ofTheModelsOfATrialThatHasEndedTheBestEpochsIsKept() throws IOException {
    Path running = Files.createDirectories(folder.resolve("checkpoints/sweep=a/" + TRIAL));
    for (int epoch : List.of(10, 12)) {
      try (StoredModel model = model(epoch);
          OutputStream out =
              Files.newOutputStream(running.resolve(ModelStore.runningName(epoch)))) {
        model.write(out);
      }
    }
    ModelStore models =
        new ModelStore(
            new Layout(new org.apache.hadoop.fs.Path(folder.toString())), new Configuration());
    BestEpoch best = new BestEpoch(TRIAL, "tf", 12, 1);

    assertThat(models.keep("a", new BestEpoch(TRIAL, "tf", 11, 1))).isFalse();
    assertThat(models.keep("a", best)).isTrue();
    assertThat(models.keep("a", best)).as("once more").isTrue();
    try (StoredModel kept = models.read("a", TRIAL)) {
      assertThat(kept.card().epoch().epoch()).isEqualTo(12);
    }
    assertThat(running.resolve(ModelStore.runningName(12))).doesNotExist();
    assertThat(models.trialIds("a")).containsExactly(TRIAL);
    assertThat(models.runningIds("a")).containsExactly(TRIAL);
  }

  private static StoredModel model(int epoch) {
    ModelCard card =
        new ModelCard(
            "a",
            TRIAL,
            TestTrials.PTB,
            4,
            "words",
            TestTrials.spec(new TensorFlowStyle(5), 0.1, 1),
            "nd4j",
            new EpochMetrics(epoch, 5, Double.NaN, 5.5, 5, 0.25, 0, 1.5, 1000, 0.5));
    return new StoredModel(
        card, Parameters.initial(card.spec().model(), card.shape(), 1, DataType.FLOAT));
  }
}
