package org.tbptt.sweep.results;

import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.util.HadoopOutputFile;
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

  private ParquetFile() {}

  /**
   * Writes the rows beside the target and renames the file to it: a reader sees the file whole or
   * not at all, and one that was there is replaced.
   *
   * @throws IOException if the file system refuses; the target is then as it was
   */
  static <T> void write(Path target, Table<T> table, List<T> rows, Configuration hadoop)
      throws IOException {
    FileSystem files = target.getFileSystem(hadoop);
    // Spark skips names that start with an underscore.
    Path beside = new Path(target.getParent(), "_" + target.getName() + "." + UUID.randomUUID());
    MessageType schema = schema(table);
    try {
      try (ParquetWriter<Group> writer =
          ExampleParquetWriter.builder(HadoopOutputFile.fromPath(beside, hadoop))
              .withType(schema)
              .withCompressionCodec(CompressionCodecName.SNAPPY)
              .build()) {
        for (T row : rows) {
          writer.write(group(schema, table, row));
        }
      }
      FileContext.getFileContext(target.toUri(), hadoop)
          .rename(beside, target, Options.Rename.OVERWRITE);
    } finally {
      files.delete(beside, false);
    }
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
