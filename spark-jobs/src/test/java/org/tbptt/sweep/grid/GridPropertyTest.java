package org.tbptt.sweep.grid;

import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import org.tbptt.model.train.TrialIdentity;
import org.tbptt.sweep.config.SweepConfig;

/** Whatever the axes are. */
@Tag("property")
class GridPropertyTest {

  record Axes(
      List<String> truncation,
      List<String> style,
      List<String> rate,
      List<String> carry,
      List<String> normalisation) {

    Axes shuffled(Random random) {
      return new Axes(
          shuffled(truncation, random),
          shuffled(style, random),
          shuffled(rate, random),
          shuffled(carry, random),
          shuffled(normalisation, random));
    }

    int points() {
      // A list inside a style has two elements.
      int styles =
          style.stream().mapToInt(each -> 1 << each.replaceAll("[^\\[]", "").length()).sum();
      return truncation.size() * styles * rate.size() * carry.size() * normalisation.size();
    }

    private static List<String> shuffled(List<String> values, Random random) {
      List<String> copy = new ArrayList<>(values);
      Collections.shuffle(copy, random);
      return copy;
    }
  }

  @Property
  void everyPointIsATrialOrMerged(@ForAll("axes") Axes axes) throws IOException {
    Grid grid = expand(axes);

    assertThat(grid.points()).isEqualTo(axes.points());
    assertThat(grid.trials().size() + grid.merged().size()).isEqualTo(axes.points());
    assertThat(ids(grid)).hasSameSizeAs(grid.trials());
    assertThat(grid.merged())
        .allSatisfy(
            merged -> {
              assertThat(grid.trials()).contains(merged.kept());
              assertThat(TrialIdentity.of(merged.dropped(), "c"))
                  .isEqualTo(TrialIdentity.of(merged.kept(), "c"));
            });
  }

  @Property
  void theTrialsAreTheSameInWhateverOrderTheAxesAreWritten(
      @ForAll("axes") Axes axes, @ForAll Random random) throws IOException {
    Grid grid = expand(axes);
    Grid shuffled = expand(axes.shuffled(random));

    assertThat(ids(shuffled)).isEqualTo(ids(grid));
    assertThat(names(shuffled)).isEqualTo(names(grid));
  }

  @Provide
  Arbitrary<Axes> axes() {
    // No bptt-steps above any seq-len, so that every style can have every pair.
    Arbitrary<String> pair =
        Combinators.combine(
                Arbitraries.integers().between(1, 4), Arbitraries.integers().between(4, 6))
            .as((steps, length) -> "{bptt-steps = " + steps + ", seq-len = " + length + "}");
    return Combinators.combine(
            pair.list().ofMinSize(1).ofMaxSize(4),
            someOf(
                "tf",
                "true",
                "full",
                "{kind = true, history = true}",
                "{kind = full, history = true}",
                "{kind = interval, k1 = [1, 2], k2 = [2, 4], seq-len = 4}",
                "{kind = interval, k1 = 1, history = true}",
                "{kind = random, pi = [0.5, 1]}",
                "{kind = adaptive, delta = 0.1}"),
            someOf("0.1", "1e-1", "0.01"),
            someOf("state", "post-dropout"),
            someOf("mean", "r2rt"))
        .as(Axes::new);
  }

  private static Arbitrary<List<String>> someOf(String... values) {
    return Arbitraries.of(values).list().ofMinSize(1).ofMaxSize(values.length);
  }

  private static Set<String> ids(Grid grid) {
    return grid.trials().stream().map(trial -> TrialIdentity.of(trial, "c")).collect(toSet());
  }

  /** The trials as they are shown: the style that a trial goes by is part of it. */
  private static Set<String> names(Grid grid) {
    return grid.trials().stream()
        .map(trial -> TrialIdentity.of(trial, "c") + " " + trial.truncation())
        .collect(toSet());
  }

  private static Grid expand(Axes axes) throws IOException {
    Path file = Files.createTempFile("grid", ".conf");
    try {
      Files.writeString(
          file,
          "sweep.name = grid\nsweep.diagnostics { windows = 1, max-lag = 2, horizon = 3 }\nsweep.grid {\n"
              + axis("truncation", axes.truncation())
              + axis("style", axes.style())
              + axis("learning-rate", axes.rate())
              + axis("\"model.carry\"", axes.carry())
              + axis("\"training.normalisation\"", axes.normalisation())
              + "}\n");
      return Grid.expand(SweepConfig.load(file, List.of()));
    } finally {
      Files.delete(file);
    }
  }

  private static String axis(String key, List<String> values) {
    return values.stream().collect(joining(", ", key + " = [", "]\n"));
  }
}
