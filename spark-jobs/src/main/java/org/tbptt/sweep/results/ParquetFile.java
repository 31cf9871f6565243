package org.tbptt.sweep.results;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.format.converter.ParquetMetadataConverter;
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
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Types;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;

/**
 * Writes one Parquet file from the driver. Not by a Spark job: that would wait in line behind the
 * trials, which keep every slot busy for as long as the sweep runs.
 */
final class ParquetFile {

  private static final byte[] MAGIC = {'P', 'A', 'R', '1'};

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
                  String trial = row.getString(Tables.TRIAL_ID, 0);
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
    MessageType ids = new MessageType(table.name(), schema(table).getType(Tables.TRIAL_ID));
    List<String> found = new ArrayList<>();
    read(file, ids, hadoop, row -> found.add(row.getString(Tables.TRIAL_ID, 0)));
    return found;
  }

  /** A file's rows in the table's present schema. */
  static void read(Path file, Table<?> table, Configuration hadoop, RowSink rows)
      throws IOException {
    read(file, schema(table), hadoop, rows);
  }

  /**
   * Why a file is not whole, in one line; empty if it is.
   *
   * @throws FileNotFoundException if it is not there
   * @throws IOException if that cannot be told: the file may be whole but cannot be read now
   */
  static Optional<String> damage(Path file, Configuration hadoop) throws IOException {
    byte[] footer;
    try {
      footer = footer(file, file.getFileSystem(hadoop));
    } catch (FileNotFoundException gone) {
      throw gone;
    } catch (DamagedException | EOFException | ChecksumException damaged) {
      return Optional.of(firstLine(damaged));
    } catch (IOException | RuntimeException unreadable) {
      // A missing block, a lack of permission, an interrupt: the file may be whole.
      throw new IOException(file + " cannot be read: " + firstLine(unreadable), unreadable);
    }
    try {
      new ParquetMetadataConverter()
          .readParquetMetadata(
              new ByteArrayInputStream(footer), ParquetMetadataConverter.NO_FILTER);
      return Optional.empty();
    } catch (IOException | RuntimeException senseless) { // of bytes in memory
      return Optional.of(firstLine(senseless));
    }
  }

  /** The file's end: what the footer's length and the magic word stand behind. */
  private static byte[] footer(Path file, FileSystem files) throws IOException {
    long length = files.getFileStatus(file).getLen();
    refuseIf(length < 2 * MAGIC.length + Integer.BYTES, length + " bytes are too few");
    try (FSDataInputStream in = files.open(file)) {
      byte[] end = new byte[Integer.BYTES + MAGIC.length];
      in.readFully(length - end.length, end);
      refuseIf(
          !Arrays.equals(end, Integer.BYTES, end.length, MAGIC, 0, MAGIC.length),
          "it does not end as a Parquet file");
      int bytes = ByteBuffer.wrap(end).order(ByteOrder.LITTLE_ENDIAN).getInt();
      refuseIf(
          bytes < 0 || bytes > length - MAGIC.length - end.length,
          "a footer of " + bytes + " bytes cannot be in a file of " + length);
      byte[] footer = new byte[bytes];
      in.readFully(length - end.length - bytes, footer);
      return footer;
    }
  }

  private static void refuseIf(boolean wrong, String message) throws DamagedException {
    if (wrong) {
      throw new DamagedException(message);
    }
  }

  private static String firstLine(Exception failure) {
    return String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
  }

  /** What was read is not a whole Parquet file. */
  private static final class DamagedException extends IOException {
    DamagedException(String message) {
      super(message);
    }
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
    }
  }

  private static void read(Path file, MessageType schema, Configuration hadoop, RowSink rows)
      throws IOException {
    try (ParquetReader<Group> reader =
        new Reader(HadoopInputFile.fromPath(file, hadoop), schema).build()) {
      for (Group row = reader.read(); row != null; row = reader.read()) {
        rows.take(row);
      }
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
      if (value == null) {
        continue;
      }
      String name = column.name();
      if (value instanceof String text) {
        group.add(name, text);
      } else if (value instanceof Integer number) {
        group.add(name, (int) number);
      } else if (value instanceof Long number) {
        group.add(name, (long) number);
      } else if (value instanceof Double number) {
        group.add(name, (double) number);
      } else if (value instanceof Instant instant) {
        group.add(name, ChronoUnit.MICROS.between(Instant.EPOCH, instant));
      } else {
        throw new AssertionError(name + " has no Parquet type: " + value.getClass());
      }
    }
    return group;
  }

  private static MessageType schema(Table<?> table) {
    Types.MessageTypeBuilder message = Types.buildMessage();
    for (Column<?> column : table.columns()) {
      message.addField(field(column.name(), column.type()));
    }
    return message.named(table.name());
  }

  private static Type field(String name, DataType type) {
    if (type.equals(DataTypes.StringType)) {
      return Types.optional(PrimitiveTypeName.BINARY)
          .as(LogicalTypeAnnotation.stringType())
          .named(name);
    } else if (type.equals(DataTypes.IntegerType)) {
      return Types.optional(PrimitiveTypeName.INT32).named(name);
    } else if (type.equals(DataTypes.LongType)) {
      return Types.optional(PrimitiveTypeName.INT64).named(name);
    } else if (type.equals(DataTypes.DoubleType)) {
      return Types.optional(PrimitiveTypeName.DOUBLE).named(name);
    } else if (type.equals(DataTypes.TimestampType)) {
      return Types.optional(PrimitiveTypeName.INT64)
          .as(LogicalTypeAnnotation.timestampType(true, TimeUnit.MICROS))
          .named(name);
    }
    throw new AssertionError(name + " has no Parquet type: " + type);
  }
}
