package org.tbptt.sweep.analysis;

import static java.util.Comparator.comparing;
import static java.util.Comparator.reverseOrder;
import static java.util.stream.Collectors.averagingDouble;
import static java.util.stream.Collectors.groupingBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;

/**
 * The difference of two truncations at one point, for each seed that both have.
 *
 * @param bySeed the loss of `side` minus that of `against`, nats per token; trials of one seed
 *     count as their mean
 */
record PointDifference(Point point, Side side, Side against, Map<Long, Double> bySeed) {

  /** What two truncations have in common, beside setting and seed, where they are compared. */
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

  /**
   * Every two truncations that have something in common, at every point that both have.
   *
   * @param trials rows of compare_trials.sql
   * @param varied the settings that the sweep varies
   */
  static List<PointDifference> of(List<Row> trials, List<String> varied, Equal equal) {
    Map<Side, Map<Point, Map<Long, Double>>> losses =
        trials.stream()
            .filter(trial -> Side.canBeCompared(trial, equal))
            .collect(
                groupingBy(
                    Side::of,
                    TreeMap::new,
                    groupingBy(
                        trial -> Point.of(trial, varied, equal),
                        TreeMap::new,
                        groupingBy(
                            PointDifference::seed,
                            TreeMap::new,
                            averagingDouble(PointDifference::loss)))));
    List<PointDifference> differences = new ArrayList<>();
    losses.forEach(
        (side, own) ->
            losses.forEach(
                (against, others) -> {
                  if (side.isComparedWith(against, equal)) {
                    differences.addAll(between(side, own, against, others));
                  }
                }));
    return differences;
  }

  /** Of every point that both have with a seed in common. */
  private static List<PointDifference> between(
      Side side,
      Map<Point, Map<Long, Double>> losses,
      Side against,
      Map<Point, Map<Long, Double>> others) {
    List<PointDifference> found = new ArrayList<>();
    losses.forEach(
        (point, bySeed) -> {
          Map<Long, Double> bySeedOfOther = others.getOrDefault(point, Map.of());
          Map<Long, Double> differences = new TreeMap<>();
          bySeed.forEach(
              (seed, loss) -> {
                if (bySeedOfOther.containsKey(seed)) {
                  differences.put(seed, loss - bySeedOfOther.get(seed));
                }
              });
          if (!differences.isEmpty()) {
            found.add(new PointDifference(point, side, against, differences));
          }
        });
    return found;
  }

  /** Whether the two differ in their lengths alone. */
  boolean isOfLengths() {
    return side.style.equals(against.style) && side.own.equals(against.own);
  }

  /** What is the same for all differences that are one line together. */
  List<Object> group(Equal equal) {
    return List.of(side.columns(isOfLengths(), equal), against.columns(isOfLengths(), equal));
  }

  private static long seed(Row trial) {
    return trial.getAs("seed");
  }

  private static double loss(Row trial) {
    return trial.getAs("valid_loss");
  }

  /**
   * What is compared.
   *
   * @param own the settings that only some styles have
   * @param numbers the truncation's other numbers, by which those of one style are ordered
   * @param variant the truncation in words, without its lengths
   * @param truncation with its seq_len
   */
  record Side(
      String style, Row own, int bpttSteps, List<Double> numbers, String variant, String truncation)
      implements Comparable<Side> {

    private static final List<String> NUMBERS =
        List.of("seq_len", "k1", "link_keep", "delta", "history");

    static Side of(Row trial) {
      return new Side(
          trial.getAs("style"),
          trial.getAs("own"),
          trial.<Integer>getAs("bptt_steps"),
          NUMBERS.stream().map(trial::<Number>getAs).map(Side::orLowest).toList(),
          trial.getAs("variant"),
          trial.getAs("truncation"));
    }

    private static double orLowest(Number number) {
      return number == null ? Double.NEGATIVE_INFINITY : number.doubleValue();
    }

    static boolean canBeCompared(Row trial, Equal equal) {
      return trial.getAs(equal.column()) != null // the windows of sentence have no common length
          && (equal != Equal.BPTT_STEPS || !isAdaptive(trial.getAs("style")));
    }

    /** Whose bptt_steps changes from epoch to epoch. */
    private static boolean isAdaptive(String style) {
      return style.equals("adaptive");
    }

    /** Each pair once; those of one style that have both lengths in common at equal bptt_steps. */
    boolean isComparedWith(Side other, Equal equal) {
      boolean twice =
          equal == Equal.SEQ_LEN
              && style.equals(other.style)
              && bpttSteps == other.bpttSteps
              && !isAdaptive(style);
      return compareTo(other) < 0 && !twice;
    }

    /** What stays the same from point to point; with the lengths that are compared, if they are. */
    private List<Object> columns(boolean lengths, Equal equal) {
      if (!lengths) {
        return List.of(style, own);
      }
      double seqLen = numbers.get(0);
      return equal == Equal.BPTT_STEPS
          ? List.of(style, own, seqLen)
          : List.of(style, own, seqLen, bpttSteps);
    }

    /** In words; with its bptt_steps where two that differ in them are compared. */
    String words(Equal equal) {
      return switch (equal) {
        case BPTT_STEPS -> truncation;
        case SEQ_LEN -> truncation + ", n " + bpttSteps + (isAdaptive(style) ? " at first" : "");
      };
    }

    @Override
    public int compareTo(Side other) {
      return comparing(Side::style, reverseOrder())
          .thenComparing(Side::bpttSteps)
          .thenComparing(Side::numbers, Side::compareNumbers)
          .compare(this, other);
    }

    private static int compareNumbers(List<Double> one, List<Double> other) {
      return IntStream.range(0, one.size())
          .map(i -> one.get(i).compareTo(other.get(i)))
          .filter(order -> order != 0)
          .findFirst()
          .orElse(0);
    }
  }

  /**
   * Where two are compared.
   *
   * @param equal what they have in common
   * @param settings that the sweep varies; null where a trial has none
   */
  record Point(int equal, List<Object> settings, double learningRate) implements Comparable<Point> {

    static Point of(Row trial, List<String> varied, Equal equal) {
      Row setting = trial.getAs("setting");
      return new Point(
          trial.<Integer>getAs(equal.column()),
          varied.stream().<Object>map(setting::getAs).toList(),
          trial.<Double>getAs("learning_rate"));
    }

    List<String> words() {
      List<String> words = new ArrayList<>(List.of(String.valueOf(equal)));
      settings.forEach(value -> words.add(Comparison.word(value)));
      words.add(DecimalText.plain(learningRate));
      return words;
    }

    /** Numbers by their size, words by their letters, no value first. */
    private static int bySize(Object one, Object other) {
      return one instanceof Number a && other instanceof Number b
          ? Double.compare(a.doubleValue(), b.doubleValue())
          : Objects.toString(one, "").compareTo(Objects.toString(other, ""));
    }

    private static int bySize(List<Object> one, List<Object> other) {
      return IntStream.range(0, one.size())
          .map(i -> bySize(one.get(i), other.get(i)))
          .filter(order -> order != 0)
          .findFirst()
          .orElse(0);
    }

    @Override
    public int compareTo(Point other) {
      return comparing(Point::settings, Point::bySize)
          .thenComparing(Point::equal)
          .thenComparing(Point::learningRate, reverseOrder())
          .compare(this, other);
    }
  }
}
