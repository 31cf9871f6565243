package org.tbptt.sweep.results;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.InitContext;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.hadoop.util.HadoopOutputFile;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Types;

/**
 * Writes one Parquet file from the driver. Not by a Spark job: that would wait in line behind the
 * trials, which keep every slot busy for as long as the sweep runs.
 */
final class ParquetFile {

  private ParquetFile() {}

  /** Writes a file that is not there yet. */
  static <T> void write(Path target, Table<T> table, List<T> rows, Configuration hadoop)
      throws IOException {
    MessageType schema = schema(table);
    write(
        target,
        schema,
        hadoop,
        writer -> {
          for (T row : rows) {
            writer.write(group(schema, table, row));
          }
        });
  }

  /**
   * Writes the rows of other files in the table's present schema. Of a trial that stands in
   * several, those of the first count.
   *
   * @param without trials whose rows are left out
   */
  static void merge(
      List<Path> sources, Path target, Table<?> table, Set<String> without, Configuration hadoop)
      throws IOException {
    MessageType schema = schema(table);
    Set<String> seen = new HashSet<>(without);
    write(
        target,
        schema,
        hadoop,
        writer -> {
          for (Path source : sources) {
            Set<String> here = new HashSet<>();
            read(
                source,
                schema,
                hadoop,
                row -> {
                  String trial = row.getString(Table.TRIAL_ID, 0);
                  if (!seen.contains(trial)) {
                    here.add(trial);
                    writer.write(row);
                  }
                });
            seen.addAll(here);
          }
        });
  }

  /** The trials that have rows in a file. */
  static List<String> trialIds(Path file, Table<?> table, Configuration hadoop) throws IOException {
    List<String> found = new ArrayList<>();
    read(
        file,
        table,
        List.of(Table.TRIAL_ID),
        hadoop,
        row -> found.add(row.getString(Table.TRIAL_ID, 0)));
    return found;
  }

  /** A file's rows in the table's present schema, of which only some columns are read. */
  static void read(
      Path file, Table<?> table, List<String> columns, Configuration hadoop, RowSink rows)
      throws IOException {
    MessageType whole = schema(table);
    read(
        file,
        new MessageType(table.name(), columns.stream().map(whole::getType).toList()),
        hadoop,
        rows);
  }

  private static void write(Path target, MessageType schema, Configuration hadoop, RowSource rows)
      throws IOException {
    try (ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(HadoopOutputFile.fromPath(target, hadoop))
            .withConf(hadoop) // else it reads Hadoop's configuration files each time
            .withType(schema)
            .withCompressionCodec(CompressionCodecName.SNAPPY)
            .build()) {
      rows.writeTo(writer);
    } catch (LinkageError failed) {
      throw withoutSnappy(failed);
    }
  }

  private static IOException withoutSnappy(LinkageError failed) {
    return new IOException(
        "Snappy's library cannot be unpacked and loaded: %s; it needs a folder on a file system without noexec: -Djava.io.tmpdir=FOLDER, in spark.driver.extraJavaOptions, chooses another"
            .formatted(failed.getMessage()),
        failed);
  }

  private static void read(Path file, MessageType schema, Configuration hadoop, RowSink rows)
      throws IOException {
    try (ParquetReader<Group> reader =
        new Reader(HadoopInputFile.fromPath(file, hadoop), schema).build()) {
      for (Group row = reader.read(); row != null; row = reader.read()) {
        rows.take(row);
      }
    } catch (LinkageError failed) {
      throw withoutSnappy(failed);
    }
  }

  /**
   * With the file's configuration; ParquetReader.builder would read Hadoop's files anew each time.
   */
  private static final class Reader extends ParquetReader.Builder<Group> {

    private final MessageType schema;

    Reader(InputFile file, MessageType schema) {
      super(file);
      this.schema = schema;
    }

    @Override
    protected ReadSupport<Group> getReadSupport() {
      return new Rows(schema);
    }
  }

  /** Rows of this schema; columns that a file of an older one has not are NULL. */
  private static final class Rows extends GroupReadSupport {

    private final MessageType schema;

    Rows(MessageType schema) {
      this.schema = schema;
    }

    @Override
    public ReadContext init(InitContext context) {
      return new ReadContext(schema);
    }
  }

  private interface RowSource {
    void writeTo(ParquetWriter<Group> writer) throws IOException;
  }

  /** Takes rows. */
  interface RowSink {
    void take(Group row) throws IOException;
  }

  private static <T> Group group(MessageType schema, Table<T> table, T row) {
    Group group = new SimpleGroup(schema);
    for (Column<T> column : table.columns()) {
      Object value = column.value().apply(row);
      if (value != null) {
        column.type().add(group, column.name(), value);
      }
    }
    return group;
  }

  private static MessageType schema(Table<?> table) {
    Types.MessageTypeBuilder message = Types.buildMessage();
    for (Column<?> column : table.columns()) {
      message.addField(column.type().field(column.name()));
    }
    return message.named(table.name());
  }
}
