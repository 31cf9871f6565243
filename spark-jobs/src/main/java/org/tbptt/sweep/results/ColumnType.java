package org.tbptt.sweep.results;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Types;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;

/** What a column can hold: the type of its values in Java, for Spark and in Parquet. */
@SuppressWarnings("ImmutableEnumChecker") // the types of Spark and Parquet are, without saying so
enum ColumnType {
  STRING(
      DataTypes.StringType,
      PrimitiveTypeName.BINARY,
      LogicalTypeAnnotation.stringType(),
      (row, name, value) -> row.add(name, (String) value)),
  INTEGER(
      DataTypes.IntegerType,
      PrimitiveTypeName.INT32,
      null,
      (row, name, value) -> row.add(name, (int) value)),
  LONG(
      DataTypes.LongType,
      PrimitiveTypeName.INT64,
      null,
      (row, name, value) -> row.add(name, (long) value)),
  DOUBLE(
      DataTypes.DoubleType,
      PrimitiveTypeName.DOUBLE,
      null,
      (row, name, value) -> row.add(name, (double) value)),
  BOOLEAN(
      DataTypes.BooleanType,
      PrimitiveTypeName.BOOLEAN,
      null,
      (row, name, value) -> row.add(name, (boolean) value)),
  INSTANT(
      DataTypes.TimestampType,
      PrimitiveTypeName.INT64,
      LogicalTypeAnnotation.timestampType(true, TimeUnit.MICROS),
      (row, name, value) ->
          row.add(name, ChronoUnit.MICROS.between(Instant.EPOCH, (Instant) value)));

  private final DataType spark;
  private final PrimitiveTypeName parquet;
  private final LogicalTypeAnnotation meaning; // null where the primitive type says it all
  private final Adder adder;

  ColumnType(
      DataType spark, PrimitiveTypeName parquet, LogicalTypeAnnotation meaning, Adder adder) {
    this.spark = spark;
    this.parquet = parquet;
    this.meaning = meaning;
    this.adder = adder;
  }

  DataType spark() {
    return spark;
  }

  /** The field of a Parquet file, which may be missing in a row. */
  Type field(String name) {
    return Types.optional(parquet).as(meaning).named(name);
  }

  /** Adds a value to a row that is written. */
  void add(Group row, String name, Object value) {
    adder.add(row, name, value);
  }

  private interface Adder {
    void add(Group row, String name, Object value);
  }
}
