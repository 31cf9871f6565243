package org.tbptt.sweep.cli;

import com.univocity.parsers.csv.CsvWriter;
import com.univocity.parsers.csv.CsvWriterSettings;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.tbptt.sweep.analysis.TextTable;

/** How the rows of a query are printed. */
enum RowFormat {
  /** Aligned columns; NULL for a missing value. */
  TABLE {
    @Override
    void print(Dataset<Row> rows, PrintWriter out) {
      TextTable table = new TextTable(List.of(rows.columns()));
      texts(rows)
          .forEachRemaining(
              row -> table.add(Arrays.stream(row).map(t -> t == null ? "NULL" : t).toList()));
      table.lines().forEach(out::println);
    }
  },
  /** With a header line; nothing for a missing value. */
  CSV {
    @Override
    void print(Dataset<Row> rows, PrintWriter out) {
      CsvWriterSettings settings = new CsvWriterSettings();
      settings.setEmptyValue("\"\""); // an empty text, apart from a missing value
      settings.trimValues(false);
      settings.setMaxColumns(Math.max(1, rows.columns().length));
      CsvWriter csv = new CsvWriter(out, settings);
      csv.writeHeaders(rows.columns());
      texts(rows).forEachRemaining(row -> csv.writeRow((Object[]) row));
      csv.flush();
    }
  },
  /** An object per line; missing values are left out. */
  JSON {
    @Override
    void print(Dataset<Row> rows, PrintWriter out) {
      rows.toJSON().toLocalIterator().forEachRemaining(out::println);
    }
  };

  abstract void print(Dataset<Row> rows, PrintWriter out);

  /** Every value as Spark writes it as text; null for a missing one. */
  private static Iterator<String[]> texts(Dataset<Row> rows) {
    // By position: a query may give two columns the same name.
    String[] names =
        IntStream.range(0, rows.columns().length).mapToObj(i -> "c" + i).toArray(String[]::new);
    Dataset<Row> numbered = rows.toDF(names);
    Column[] texts =
        Arrays.stream(names)
            .map(name -> numbered.col(name).cast(DataTypes.StringType))
            .toArray(Column[]::new);
    Iterator<Row> iterator = numbered.select(texts).toLocalIterator();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return iterator.hasNext();
      }

      @Override
      public String[] next() {
        Row row = iterator.next();
        String[] values = new String[row.size()];
        for (int i = 0; i < values.length; i++) {
          values[i] = row.getString(i);
        }
        return values;
      }
    };
  }
}
