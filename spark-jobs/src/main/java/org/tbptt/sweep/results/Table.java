package org.tbptt.sweep.results;

import com.google.gson.JsonObject;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * A table of Parquet files, partitioned by sweep.
 *
 * @param <T> what a row is made from
 */
public final class Table<T> {

  /** The partition column, which stands in the folder's name and not in the files. */
  static final String SWEEP = "sweep";

  /** The column that says which trial a row belongs to. */
  static final String TRIAL_ID = "trial_id";

  private final String name;
  private final List<Column<T>> columns;

  Table(String name, List<Column<T>> columns) {
    this.name = name;
    this.columns = List.copyOf(columns);
  }

  public String name() {
    return name;
  }

  List<Column<T>> columns() {
    return columns;
  }

  /**
   * What Spark reads: the sweep first, then the columns, all nullable so that older files stay
   * readable.
   */
  public StructType schema() {
    StructType schema =
        new StructType()
            .add(SWEEP, DataTypes.StringType, true, "the sweep's name; the tables' partition");
    for (Column<T> column : columns) {
      schema = schema.add(column.name(), column.type().spark(), true, column.comment());
    }
    return schema;
  }

  /** A row as Spark reads it, of what is in no file yet. */
  public Row row(String sweep, T row) {
    return RowFactory.create(
        Stream.concat(Stream.of(sweep), columns.stream().map(column -> column.value().apply(row)))
            .toArray());
  }

  /** A row in JSON as the report has it, without the sweep: what is null is left out. */
  public JsonObject json(T row) {
    JsonObject json = new JsonObject();
    for (Column<T> column : columns) {
      Object value = column.value().apply(row);
      if (value instanceof Number number) {
        json.addProperty(column.name(), number);
      } else if (value != null) {
        json.addProperty(column.name(), value.toString());
      }
    }
    return json;
  }

  /** Rows that stand in no file, without the sweep. */
  Dataset<Row> rows(SparkSession spark, List<T> rows) {
    List<Row> values =
        rows.stream()
            .map(
                row -> RowFactory.create(columns.stream().map(c -> c.value().apply(row)).toArray()))
            .toList();
    StructField[] fields = schema().fields();
    return spark.createDataFrame(
        values, new StructType(Arrays.copyOfRange(fields, 1, fields.length)));
  }
}
