package org.tbptt.sweep.analysis;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toSet;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;

/**
 * A setting in which the trials of a sweep differ: an axis of its grid or search.
 *
 * @param name its column in the tables; style stands for the settings that only some styles have,
 *     too
 * @param numeric whether its values are numbers
 */
record VariedSetting(String name, boolean numeric) {

  private static final int DIGITS = 4;

  /**
   * Those of a sweep. A seq_len that follows from style and bptt_steps, as that of tf does, is
   * none.
   *
   * @param trials rows of findings.sql
   */
  static List<VariedSetting> of(List<Row> trials) {
    return trials.isEmpty()
        ? List.of()
        : names(trials.get(0))
            .filter(name -> values(trials, name).size() > 1)
            .filter(name -> !name.equals("seq_len") || !followsFromStyleAndBpttSteps(trials))
            .map(
                name ->
                    new VariedSetting(
                        name, values(trials, name).stream().anyMatch(Number.class::isInstance)))
            .toList();
  }

  private static Stream<String> names(Row trial) {
    return Stream.of(
            Stream.of("style", "bptt_steps", "seq_len", "learning_rate"),
            Arrays.stream(trial.<Row>getAs("setting").schema().fieldNames()),
            Stream.of("seed"))
        .flatMap(each -> each);
  }

  private static Set<Object> values(List<Row> trials, String name) {
    Set<Object> values = new HashSet<>();
    trials.forEach(trial -> values.add(value(trial, name)));
    return values;
  }

  private static boolean followsFromStyleAndBpttSteps(List<Row> trials) {
    Map<List<Object>, Set<Object>> lengths =
        trials.stream()
            .filter(trial -> value(trial, "seq_len") != null)
            .collect(
                groupingBy(
                    trial -> List.of(value(trial, "style"), value(trial, "bptt_steps")),
                    mapping(trial -> value(trial, "seq_len"), toSet())));
    return lengths.values().stream().allMatch(length -> length.size() == 1);
  }

  /** As in the header of the table of losses. */
  String shortName() {
    return name.equals("learning_rate") ? "lr" : name;
  }

  /** Null where the trial has none. */
  Object value(Row trial) {
    return value(trial, name);
  }

  private static Object value(Row trial, String name) {
    return trial.schema().getFieldIndex(name).isDefined()
        ? trial.getAs(name)
        : trial.<Row>getAs("setting").getAs(name);
  }

  /** For people: of numbers four digits, "-" where the trial has no value. */
  String text(Row trial) {
    Object value = value(trial);
    return value instanceof Double number
        ? new BigDecimal(number).round(new MathContext(DIGITS)).stripTrailingZeros().toPlainString()
        : Objects.toString(value, "-");
  }
}
