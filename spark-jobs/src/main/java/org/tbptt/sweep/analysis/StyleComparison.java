package org.tbptt.sweep.analysis;

import static java.util.Comparator.comparing;
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
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.tbptt.sweep.analysis.PointDifference.Equal;

/**
 * Truncation against truncation, paired by setting and seed: for every point that two of them have
 * in common the difference of their losses over the seeds, and one line for all of the points
 * together.
 */
final class StyleComparison {

  /** In place of a setting where a line is about all of them. */
  private static final String ALL = "all";

  /**
   * One comparison.
   *
   * @param style the first truncation in words; the difference is its loss minus the other's
   * @param point what is equal, the settings that the sweep varies and the learning rate, as texts
   * @param ofSeveral whether it is about several points together
   */
  record Line(
      String style,
      String against,
      List<String> point,
      boolean ofSeveral,
      PairedDifference difference) {

    /** Such as "-0.091 ±0.012". */
    String text() {
      return difference.verdict() == Verdict.CANNOT_TELL
          ? DecimalText.fixed(difference.mean(), 3)
          : DecimalText.fixed(difference.mean(), 3)
              + " ±"
              + DecimalText.fixed(difference.margin(), 3);
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
   * Of all pairs of a sweep's truncations: at equal bptt_steps, then at equal seq_len.
   *
   * @param trials rows of compare_trials.sql
   * @param varied the settings that the sweep varies
   */
  static List<StyleComparison> of(List<Row> trials, List<String> varied) {
    return Stream.of(Equal.values()).map(equal -> of(trials, varied, equal)).toList();
  }

  private static StyleComparison of(List<Row> trials, List<String> varied, Equal equal) {
    List<String> header = new ArrayList<>(List.of(equal.column()));
    header.addAll(varied);
    header.add("lr");
    List<Line> lines = new ArrayList<>();
    PointDifference.of(trials, varied, equal).stream()
        .collect(groupingBy(each -> each.group(equal), LinkedHashMap::new, toList()))
        .values()
        .forEach(differences -> lines.addAll(lines(differences, equal)));
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
              + " try --set 'sweep.grid.seed=[1,2,3]'");
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

  private static List<Line> lines(List<PointDifference> points, Equal equal) {
    List<Line> lines = new ArrayList<>();
    points.stream()
        .sorted(comparing(PointDifference::point))
        .forEach(
            each ->
                lines.add(
                    new Line(
                        each.side().words(equal),
                        each.against().words(equal),
                        each.point().words(),
                        false,
                        PairedDifference.of(meansOfSeeds(List.of(each))))));
    List<PointDifference> counted = withAllSeeds(points);
    if (counted.size() > 1) {
      PointDifference any = points.get(0);
      String style = any.isOfLengths() ? any.side().words(equal) : any.side().variant();
      String against = any.isOfLengths() ? any.against().words(equal) : any.against().variant();
      lines.add(
          new Line(
              style,
              against,
              together(counted, points.size()),
              true,
              PairedDifference.of(meansOfSeeds(counted))));
    }
    return lines;
  }

  /** Those whose seeds are the seeds of all of them: the others would mix points with seeds. */
  private static List<PointDifference> withAllSeeds(List<PointDifference> points) {
    Set<Long> seeds =
        points.stream().flatMap(each -> each.bySeed().keySet().stream()).collect(toSet());
    return points.stream().filter(each -> each.bySeed().keySet().equals(seeds)).toList();
  }

  /** Points in words: how many of all there are, and what they have in common. */
  private static List<String> together(List<PointDifference> points, int of) {
    List<List<String>> words = points.stream().map(each -> each.point().words()).toList();
    List<String> together = new ArrayList<>();
    for (int column = 0; column < words.get(0).size(); column++) {
      int at = column;
      List<String> values = words.stream().map(each -> each.get(at)).distinct().toList();
      boolean common = points.size() < of && values.size() == 1;
      together.add(common ? values.get(0) : ALL);
    }
    if (points.size() < of) {
      together.set(0, "%d of %d points".formatted(points.size(), of));
    }
    return together;
  }

  /**
   * A seed's mean difference. Points are settings that somebody chose and not draws from anything:
   * only seeds count as repetitions.
   *
   * @param points that have the same seeds
   */
  private static Collection<Double> meansOfSeeds(List<PointDifference> points) {
    return points.stream()
        .flatMap(each -> each.bySeed().entrySet().stream())
        .collect(groupingBy(Map.Entry::getKey, TreeMap::new, averagingDouble(Map.Entry::getValue)))
        .values();
  }
}
