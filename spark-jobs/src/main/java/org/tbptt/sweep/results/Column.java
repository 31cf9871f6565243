package org.tbptt.sweep.results;

import java.util.function.Function;
import org.apache.spark.sql.types.DataType;

/**
 * One column of a table.
 *
 * @param comment what it holds, with its unit
 * @param value its value in a row, or null; a String, Integer, Long, Double or Instant
 */
record Column<T>(String name, DataType type, String comment, Function<T, Object> value) {}
