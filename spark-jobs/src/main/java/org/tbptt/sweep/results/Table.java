package org.tbptt.sweep.results;

import java.util.Arrays;
import java.util.List;
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
