package org.tbptt.sweep.analysis;

import static java.util.stream.Collectors.averagingDouble;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;
import static java.util.stream.Collectors.toSet;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.sql.Row;

/**
 * Style against style, paired by setting and seed: for every point that two styles have in common
 * the difference of their losses over the seeds, and one line for all of the points together.
 */
final class StyleComparison {

  /** In place of a setting where a line is about all of them. */
  private static final String ALL = "all";

  /**
   * One comparison.
   *
   * @param style the first truncation in words; the difference is its loss minus the other's
   * @param point bptt_steps, the settings that the sweep varies and the learning rate, as texts
   */
  record Line(String style, String against, List<String> point, PairedDifference difference) {

    /** Such as "-0.091 ±0.012". */
    String text() {
      return difference.verdict() == Verdict.CANNOT_TELL
          ? Numbers.fixed(difference.mean(), 3)
          : Numbers.fixed(difference.mean(), 3) + " ±" + Numbers.fixed(difference.margin(), 3);
    }
  }

  private final List<String> pointHeader;
  private final List<Line> lines;

  private StyleComparison(List<String> pointHeader, List<Line> lines) {
    this.pointHeader = pointHeader;
    this.lines = lines;
  }

  /**
   * Of a sweep's pairs.
   *
   * @param varied the settings that the sweep varies
   */
  static StyleComparison of(Queries queries, String sweep, List<String> varied) {
    List<Row> pairs = queries.named("compare_styles.sql", Map.of("sweep", sweep)).collectAsList();
    List<String> header = new ArrayList<>(List.of("bptt_steps"));
    header.addAll(varied);
    header.add("lr");
    List<Line> lines = new ArrayList<>();
    pairs.stream()
        .collect(groupingBy(StyleComparison::styles, LinkedHashMap::new, toList()))
        .forEach((styles, rows) -> lines.addAll(lines(styles, rows, varied)));
    return new StyleComparison(header, lines);
  }

  /** What the points are told apart by: the header of {@link Line#point}. */
  List<String> pointHeader() {
    return pointHeader;
  }

  List<Line> lines() {
    return lines;
  }

  /** For a terminal; nothing where no two styles have a point in common. */
  List<String> text() {
    if (lines.isEmpty()) {
      return List.of();
    }
    List<String> text = new ArrayList<>();
    text.add("");
    if (lines.stream().allMatch(line -> line.difference().verdict() == Verdict.CANNOT_TELL)) {
      text.add(
          "Style against style: cannot tell, one seed does not show what is chance;"
              + " --set sweep.grid.seed=[1,2,3] would");
      return text;
    }
    text.add(
        "Style against style at equal bptt_steps, paired by setting and seed: difference in nats per token");
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
    text.add(
        "± 95% confidence interval over the seeds, Student's t; below 0 the first style is better");
    return text;
  }

  private static List<Line> lines(List<String> styles, List<Row> pairs, List<String> varied) {
    Map<List<String>, List<Row>> points =
        pairs.stream()
            .collect(groupingBy(pair -> point(pair, varied), LinkedHashMap::new, toList()));
    List<Line> lines = new ArrayList<>();
    points.forEach(
        (point, rows) ->
            lines.add(
                new Line(
                    point.get(0),
                    point.get(1),
                    point.subList(2, point.size()),
                    PairedDifference.of(rows.stream().map(StyleComparison::difference).toList()))));
    Collection<Double> seeds = meansOfSeeds(points.values());
    if (points.size() > 1 && !seeds.isEmpty()) {
      List<String> all = lines.get(0).point().stream().map(setting -> ALL).toList();
      lines.add(new Line(styles.get(0), styles.get(1), all, PairedDifference.of(seeds)));
    }
    return lines;
  }

  /**
   * A seed's mean difference over the points that have all seeds. Points are settings that somebody
   * chose and not draws from anything: only seeds count as repetitions.
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

  private static List<String> styles(Row pair) {
    return List.of(pair.getAs("style"), pair.getAs("other_style"));
  }

  private static List<String> point(Row pair, List<String> varied) {
    List<String> point =
        new ArrayList<>(
            List.of(
                pair.getAs("truncation"),
                pair.getAs("other_truncation"),
                pair.getAs("bptt_steps").toString()));
    Row setting = pair.getAs("setting");
    varied.forEach(name -> point.add(Comparison.word(setting, name)));
    point.add(Numbers.plain(pair.<Double>getAs("learning_rate")));
    return point;
  }

  private static long seed(Row pair) {
    return pair.getAs("seed");
  }

  private static double difference(Row pair) {
    return pair.getAs("difference");
  }
}
