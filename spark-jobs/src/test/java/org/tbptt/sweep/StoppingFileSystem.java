package org.tbptt.sweep;

import java.io.IOException;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/** The local file system under the name stopping:/path. Spark stops when a file is read. */
public final class StoppingFileSystem extends OddFileSystem {

  @Override
  public FSDataInputStream open(Path file, int bufferSize) throws IOException {
    SparkSession.getDefaultSession().get().stop();
    return super.open(file, bufferSize);
  }
}
