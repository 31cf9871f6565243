package org.tbptt.sweep.cli;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The tables in docs/results. */
class PublishedResultsTest {

  private static final String COMMAND = "    ./submit.sh compare ";
  private static final String INDENT = "    ";

  /** They were trained by earlier versions. */
  @Test
  void everyTrialOfThePublishedGridIsDone() {
    String ptb = System.getProperty("ptb.dir", "");
    assumeTrue(!ptb.isBlank(), "needs Penn Treebank: give its folder with -Dptb.dir=");

    Submission plan =
        Submission.to(
            "../docs/results/ptb", "plan", "../conf/ptb.conf", "--set", "sweep.corpus.path=" + ptb);

    assertThat(plan.exit()).as(plan.err()).isZero();
    assertThat(plan.out()).contains("21 trials, 21 of them done");
  }

  @ParameterizedTest
  @MethodSource("published")
  void compareStillPrintsWhatAPageShows(Path page, String sweep, String results, String table) {
    assertThat(table).as("%s", page).startsWith("Sweep " + sweep + ": ");

    Submission compare = Submission.to("../" + results, "compare", sweep);

    assertThat(compare.exit()).as(compare.err()).isZero();
    assertThat(compare.out()).as("%s", page).contains(table);
  }

  @Test
  void everySweepWithTablesHasAPage() throws IOException {
    try (Stream<Path> folders = Files.list(Path.of("../docs/results"))) {
      assertThat(published().stream().map(arguments -> "../" + arguments[2]))
          .containsAll(folders.filter(Files::isDirectory).map(Path::toString).toList());
    }
  }

  /** Page, sweep, folder of its tables, and what the page shows after the command. */
  static List<Object[]> published() throws IOException {
    List<Object[]> published = new ArrayList<>();
    try (Stream<Path> files = Files.walk(Path.of("../docs"))) {
      for (Path page : files.filter(file -> file.toString().endsWith(".md")).sorted().toList()) {
        List<String> lines = Files.readAllLines(page);
        for (int i = 0; i < lines.size(); i++) {
          String[] words = lines.get(i).strip().split(" ", -1);
          if (lines.get(i).startsWith(COMMAND) && words[words.length - 1].startsWith("docs/")) {
            String table = indented(lines.subList(i + 2, lines.size()));
            published.add(new Object[] {page, words[2], words[words.length - 1], table});
          }
        }
      }
    }
    return published;
  }

  /** The lines that are indented, and empty ones between them. */
  private static String indented(List<String> lines) {
    return lines.stream()
        .takeWhile(line -> line.startsWith(INDENT) || line.isEmpty())
        .map(line -> line.isEmpty() ? line : line.substring(INDENT.length()))
        .collect(joining("\n"))
        .strip();
  }
}
