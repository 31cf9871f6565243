package org.tbptt.sweep.results;

import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * What comes to be known of a trial after its row was written: the rows stay as they are, and these
 * columns are filled in as they are read.
 */
final class LateColumns {

  static final String TEST_LOSS = "test_loss";
  static final String MODEL = "model";

  private static final StructType KEPT =
      new StructType()
          .add(Table.SWEEP, DataTypes.StringType)
          .add(Table.TRIAL_ID, DataTypes.StringType)
          .add(MODEL, DataTypes.StringType);

  private LateColumns() {}

  /** What stands in the file. */
  @SuppressWarnings("TypeParameterUnusedInFormals") // null is of every type
  static <V> V notYet(TrialResult trial) {
    return null;
  }

  /**
   * The table trials with its late columns.
   *
   * @param trials as they were written
   * @param testLosses the table test_losses
   */
  static Dataset<Row> fill(
      SparkSession spark,
      Dataset<Row> trials,
      Dataset<Row> testLosses,
      List<ModelStore.Kept> kept) {
    List<Row> models =
        kept.stream()
            .map(each -> RowFactory.create(each.sweep(), each.trialId(), each.uri()))
            .toList();
    Dataset<Row> filled =
        join(
            join(
                trials.drop(TEST_LOSS, MODEL),
                testLosses.select(Table.SWEEP, Table.TRIAL_ID, TEST_LOSS)),
            spark.createDataFrame(models, KEPT));
    // In the table's order, with the table's comments.
    return filled.select(
        Arrays.stream(Tables.TRIALS.schema().fields())
            .map(LateColumns::column)
            .toArray(Column[]::new));
  }

  private static Dataset<Row> join(Dataset<Row> trials, Dataset<Row> late) {
    return trials.join(late, new String[] {Table.SWEEP, Table.TRIAL_ID}, "left");
  }

  private static Column column(StructField field) {
    return functions.col(field.name()).as(field.name(), field.metadata());
  }
}
