package org.tbptt.sweep.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.tbptt.sweep.LocalSpark;
import org.tbptt.sweep.results.ResultsStore;
import org.tbptt.sweep.results.Tables;
import org.tbptt.sweep.stopping.Ledger;
import org.tbptt.sweep.stopping.Stopping;
import org.tbptt.sweep.stopping.Stopping.Kind;

/**
 * What successive halving makes of trials that were all trained to their last epoch: 31 of
 * docs/results/ptb, and 60 of a random search.
 */
class RecordedCurvesTest {

  private static final Stopping HALVING = new Stopping(Kind.SUCCESSIVE_HALVING, 3, 2, 3, 0);

  private final List<double[]> curves = curves();

  /**
   * How far the lowest loss that was found is above the lowest of all, in nats per token, and the
   * share of the epochs that were trained.
   */
  private record Found(double regret, double share) {}

  @Test
  void successiveHalvingFindsTheBestSettingInLessThanHalfOfTheEpochs() {
    Found inTheGridsOrder = search(HALVING, curves);
    assertThat(inTheGridsOrder.regret()).isZero();
    assertThat(inTheGridsOrder.share()).isLessThan(0.47);
  }

  @Test
  void ofARandomSearchItFindsTheBestInAThirdOfTheEpochs() throws IOException {
    Found found = search(new Stopping(Kind.SUCCESSIVE_HALVING, 2, 2, 3, 0), randomSearch());
    assertThat(found.regret()).isLessThanOrEqualTo(0.01);
    assertThat(found.share()).isLessThanOrEqualTo(0.35);
  }

  @Test
  void itDoesSoInAlmostAnyOrder() {
    List<Found> shuffled = IntStream.range(0, 200).mapToObj(this::shuffled).toList();

    assertThat(shuffled)
        .filteredOn(found -> found.regret() <= 0.01)
        .hasSizeGreaterThanOrEqualTo(190);
    assertThat(shuffled.stream().mapToDouble(Found::share).average().orElseThrow())
        .isLessThan(0.43);
  }

  private Found shuffled(int seed) {
    List<double[]> order = new ArrayList<>(curves);
    Collections.shuffle(order, new Random(seed));
    return search(HALVING, order);
  }

  private static Found search(Stopping stopping, List<double[]> curves) {
    Ledger ledger = new Ledger(stopping.rule());
    double found = Double.POSITIVE_INFINITY;
    double trained = 0;
    for (double[] curve : curves) {
      int candidate = ledger.enter(curve.length);
      for (int e = 0; e < curve.length && ledger.stop(candidate).isEmpty(); e++) {
        ledger.record(candidate, e + 1, curve[e]);
        found = Math.min(found, curve[e]);
        trained++;
      }
    }
    double lowest = curves.stream().flatMapToDouble(Arrays::stream).min().orElseThrow();
    return new Found(found - lowest, trained / curves.stream().mapToInt(c -> c.length).sum());
  }

  /** Validation losses by epochs, in the order of the candidates; see the file. */
  private static List<double[]> randomSearch() throws IOException {
    try (InputStream file = RecordedCurvesTest.class.getResourceAsStream("random-curves.csv")) {
      List<double[]> curves =
          new String(file.readAllBytes(), StandardCharsets.UTF_8)
              .lines()
              .filter(line -> !line.startsWith("#"))
              .map(
                  line -> Stream.of(line.split(",", -1)).mapToDouble(Double::parseDouble).toArray())
              .toList();
      assertThat(curves).hasSize(60).allMatch(curve -> curve.length == 18);
      return curves;
    }
  }

  /**
   * Validation losses by epochs, in the order of conf/ptb.conf: rates from high to low. Of the
   * trials with other seeds those that docs/stopping.md counts.
   */
  private static List<double[]> curves() {
    ResultsStore recorded = new ResultsStore(LocalSpark.session(), "../docs/results/ptb");
    Map<String, double[]> losses = recorded.validLosses("ptb");
    List<double[]> curves =
        recorded
            .table(Tables.TRIALS)
            .where("seed = 1 OR learning_rate = 0.001 AND bptt_steps IN (5, 20)")
            .selectExpr(
                "trial_id", "style = 'tf' AS tf", "bptt_steps", "-learning_rate AS r", "seed")
            .orderBy("bptt_steps", "tf", "r", "seed", "trial_id")
            .collectAsList()
            .stream()
            .map(row -> losses.get(row.getString(0)))
            .toList();
    assertThat(curves).hasSize(31).allMatch(curve -> curve.length == 20);
    return curves;
  }
}
