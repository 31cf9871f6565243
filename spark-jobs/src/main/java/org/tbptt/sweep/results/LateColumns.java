package org.tbptt.sweep.results;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
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
  private static final String BEST_EPOCH = "best_epoch";

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
                // One of another epoch is of a model that the trial had before it went on.
                testLosses
                    .withColumnRenamed("epoch", BEST_EPOCH)
                    .select(Table.SWEEP, Table.TRIAL_ID, BEST_EPOCH, TEST_LOSS),
                BEST_EPOCH),
            spark.createDataFrame(models, KEPT));
    // In the table's order, with the table's comments.
    return filled.select(
        Arrays.stream(Tables.TRIALS.schema().fields())
            .map(LateColumns::column)
            .toArray(Column[]::new));
  }

  private static Dataset<Row> join(Dataset<Row> trials, Dataset<Row> late, String... more) {
    String[] columns =
        Stream.concat(Stream.of(Table.SWEEP, Table.TRIAL_ID), Stream.of(more))
            .toArray(String[]::new);
    return trials.join(late, columns, "left");
  }

  private static Column column(StructField field) {
    return functions.col(field.name()).as(field.name(), field.metadata());
  }
}
