package org.tbptt.sweep.results;

import java.time.Instant;
import java.util.function.Function;

/**
 * One column of a table.
 *
 * @param comment what it holds, with its unit
 * @param value its value in a row, of the column's type, or null
 */
record Column<T>(String name, ColumnType type, String comment, Function<T, ?> value) {

  static <T> Column<T> string(String name, String comment, Function<T, String> value) {
    return new Column<>(name, ColumnType.STRING, comment, value);
  }

  static <T> Column<T> integer(String name, String comment, Function<T, Integer> value) {
    return new Column<>(name, ColumnType.INTEGER, comment, value);
  }

  static <T> Column<T> bigint(String name, String comment, Function<T, Long> value) {
    return new Column<>(name, ColumnType.LONG, comment, value);
  }

  /** A number that is not finite is NULL, so that it can never rank first. */
  static <T> Column<T> number(String name, String comment, Function<T, Double> value) {
    return new Column<>(
        name,
        ColumnType.DOUBLE,
        comment,
        row -> {
          Double number = value.apply(row);
          return number != null && Double.isFinite(number) ? number : null;
        });
  }

  static <T> Column<T> flag(String name, String comment, Function<T, Boolean> value) {
    return new Column<>(name, ColumnType.BOOLEAN, comment, value);
  }

  static <T> Column<T> timestamp(String name, String comment, Function<T, Instant> value) {
    return new Column<>(name, ColumnType.INSTANT, comment, value);
  }

  /** The same of rows that hold this column's row. */
  <R> Column<R> in(Function<R, T> row) {
    return new Column<>(name, type, comment, value.compose(row));
  }
}
