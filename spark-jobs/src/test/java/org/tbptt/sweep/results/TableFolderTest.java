package org.tbptt.sweep.results;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TableFolderTest {

  private final AtomicInteger tries = new AtomicInteger();

  @TempDir private Path path;
  private TableFolder folder;

  @BeforeEach
  void open() throws IOException {
    folder =
        new TableFolder(
            new org.apache.hadoop.fs.Path(path.toString()), new Configuration(), () -> {}, true);
  }

  /** Parquet's reader fails so if it takes the length of one file and the bytes of the next. */
  @Test
  void aFileThatIsReplacedWhileItIsReadIsReadAgain() throws IOException {
    assertThat(folder.<Integer>read(files -> failing(2))).isEqualTo(3);
  }

  @Test
  void whatCannotBeReadThreeTimesIsAnErrorWithItsReason() {
    assertThatThrownBy(() -> folder.<Integer>read(files -> failing(3)))
        .isInstanceOf(IOException.class)
        .hasMessage("a.parquet is not a Parquet file");
    assertThat(tries).hasValue(3);
  }

  /** The number of the try that succeeds. */
  private int failing(int times) {
    if (tries.incrementAndGet() <= times) {
      throw new IllegalStateException("a.parquet is not a Parquet file");
    }
    return tries.get();
  }
}
