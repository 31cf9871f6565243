package org.tbptt.sweep.analysis;

import static java.util.stream.Collectors.averagingDouble;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;
import static java.util.stream.Collectors.toSet;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;

/**
 * Style against style, paired by setting and seed: for every point that two truncations have in
 * common the difference of their losses over the seeds, and one line for all of the points together
 * of two styles, or of two truncations of one style.
 */
final class StyleComparison {

  /** What two styles have in common, beside setting and seed, where they are compared. */
  enum Equal {
    /** How many steps back errors go at least. */
    BPTT_STEPS,
    /** How long a window is: how many updates an epoch has. */
    SEQ_LEN;

    /** Its column of the tables. */
    String column() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** In place of a setting where a line is about all of them. */
  private static final String ALL = "all";

  /**
   * One comparison.
   *
   * @param style the first truncation in words; the difference is its loss minus the other's
   * @param point what is equal, the settings that the sweep varies and the learning rate, as texts
   */
  record Line(String style, String against, List<String> point, PairedDifference difference) {

    /** Such as "-0.091 ±0.012". */
    String text() {
      return difference.verdict() == Verdict.CANNOT_TELL
          ? Numbers.fixed(difference.mean(), 3)
          : Numbers.fixed(difference.mean(), 3) + " ±" + Numbers.fixed(difference.margin(), 3);
    }
  }

  private final Equal equal;
  private final List<String> pointHeader;
  private final List<Line> lines;

  private StyleComparison(Equal equal, List<String> pointHeader, List<Line> lines) {
    this.equal = equal;
    this.pointHeader = pointHeader;
    this.lines = lines;
  }

  /**
   * Of a sweep's pairs: at equal bptt_steps, then at equal seq_len.
   *
   * @param varied the settings that the sweep varies
   */
  static List<StyleComparison> of(Queries queries, String sweep, List<String> varied) {
    return Stream.of(Equal.values()).map(equal -> of(queries, sweep, varied, equal)).toList();
  }

  private static StyleComparison of(
      Queries queries, String sweep, List<String> varied, Equal equal) {
    List<Row> pairs =
        queries.named("compare_" + equal.column() + ".sql", Map.of("sweep", sweep)).collectAsList();
    List<String> header = new ArrayList<>(List.of(equal.column()));
    header.addAll(varied);
    header.add("lr");
    List<Line> lines = new ArrayList<>();
    pairs.stream()
        .collect(groupingBy(pair -> styles(pair, equal), LinkedHashMap::new, toList()))
        .forEach((styles, rows) -> lines.addAll(lines(styles, rows, varied, equal)));
    return new StyleComparison(equal, header, lines);
  }

  Equal equal() {
    return equal;
  }

  /** What the points are told apart by: the header of {@link Line#point}. */
  List<String> pointHeader() {
    return pointHeader;
  }

  List<Line> lines() {
    return lines;
  }

  /** For a terminal; nothing where no two styles have a point in common. */
  static List<String> text(List<StyleComparison> comparisons) {
    List<StyleComparison> found =
        comparisons.stream().filter(comparison -> !comparison.lines.isEmpty()).toList();
    if (found.isEmpty()) {
      return List.of();
    }
    List<String> text = new ArrayList<>();
    text.add("");
    if (found.stream().noneMatch(StyleComparison::tells)) {
      text.add(
          "Style against style: cannot tell, one seed does not show what is chance;"
              + " --set sweep.grid.seed=[1,2,3] would");
      return text;
    }
    for (StyleComparison comparison : found) {
      text.addAll(comparison.text());
    }
    text.add(
        "± 95% confidence interval over the seeds, Student's t; below 0 the first style is better");
    return text;
  }

  /** Whether there are seeds enough for any verdict. */
  private boolean tells() {
    return lines.stream().anyMatch(line -> line.difference().verdict() != Verdict.CANNOT_TELL);
  }

  private List<String> text() {
    List<String> text = new ArrayList<>();
    text.add(
        "Style against style at equal %s, paired by setting and seed: difference in nats per token"
            .formatted(equal.column()));
    text.add("");
    List<String> header = new ArrayList<>(List.of("style", "against"));
    header.addAll(pointHeader);
    header.addAll(List.of("difference", "seeds", "verdict"));
    TextTable table = new TextTable(header);
    for (Line line : lines) {
      List<String> cells = new ArrayList<>(List.of(line.style(), line.against()));
      cells.addAll(line.point());
      cells.addAll(
          List.of(
              line.text(),
              String.valueOf(line.difference().pairs()),
              line.difference().verdict().words()));
      table.add(cells);
    }
    text.addAll(table.lines());
    text.add("");
    return text;
  }

  private static List<Line> lines(
      List<String> styles, List<Row> pairs, List<String> varied, Equal equal) {
    Map<List<String>, List<Row>> points =
        pairs.stream()
            .collect(groupingBy(pair -> point(pair, varied, equal), LinkedHashMap::new, toList()));
    List<Line> lines = new ArrayList<>();
    points.forEach(
        (point, rows) ->
            lines.add(
                new Line(
                    point.get(0),
                    point.get(1),
                    point.subList(2, point.size()),
                    PairedDifference.of(meansOfSeeds(List.of(rows))))));
    Collection<Double> seeds = meansOfSeeds(points.values());
    if (points.size() > 1 && !seeds.isEmpty()) {
      List<String> all = lines.get(0).point().stream().map(setting -> ALL).toList();
      lines.add(new Line(styles.get(0), styles.get(1), all, PairedDifference.of(seeds)));
    }
    return lines;
  }

  /**
   * A seed's mean difference over the points that have all seeds, and over trials of one point that
   * have the seed in common. Points are settings that somebody chose and not draws from anything:
   * only seeds count as repetitions.
   */
  private static Collection<Double> meansOfSeeds(Collection<List<Row>> points) {
    Set<Long> seeds =
        points.stream().flatMap(List::stream).map(StyleComparison::seed).collect(toSet());
    return points.stream()
        .filter(rows -> rows.stream().map(StyleComparison::seed).collect(toSet()).equals(seeds))
        .flatMap(List::stream)
        .collect(
            groupingBy(
                StyleComparison::seed, TreeMap::new, averagingDouble(StyleComparison::difference)))
        .values();
  }

  /** What one line for all points is about: where windows differ alone, these. */
  private static List<String> styles(Row pair, Equal equal) {
    List<String> variants = List.of(pair.getAs("variant"), pair.getAs("other_variant"));
    return variants.get(0).equals(variants.get(1))
        ? List.of(truncation(pair, "", equal), truncation(pair, "other_", equal))
        : variants;
  }

  private static List<String> point(Row pair, List<String> varied, Equal equal) {
    List<String> point =
        new ArrayList<>(
            List.of(
                truncation(pair, "", equal),
                truncation(pair, "other_", equal),
                pair.getAs(equal.column()).toString()));
    Row setting = pair.getAs("setting");
    varied.forEach(name -> point.add(Comparison.word(setting, name)));
    point.add(Numbers.plain(pair.<Double>getAs("learning_rate")));
    return point;
  }

  /** In words; with its bptt_steps where two that differ in them are compared. */
  private static String truncation(Row pair, String whose, Equal equal) {
    String words = pair.getAs(whose + "truncation");
    return switch (equal) {
      case BPTT_STEPS -> words;
      case SEQ_LEN -> words + ", n " + pair.getAs(whose + "bptt_steps") + atFirst(pair, whose);
    };
  }

  private static String atFirst(Row pair, String whose) {
    return pair.getAs(whose + "style").equals("adaptive") ? " at first" : "";
  }

  private static long seed(Row pair) {
    return pair.getAs("seed");
  }

  private static double difference(Row pair) {
    return pair.getAs("difference");
  }
}
