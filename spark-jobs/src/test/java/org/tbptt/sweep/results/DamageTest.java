package org.tbptt.sweep.results;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tbptt.sweep.OddFileSystem;

class DamageTest {

  private static final Path WHOLE =
      Path.of("../docs/results/ptb/sweeps/sweep=ptb/sweep.parquet").toAbsolutePath();

  @TempDir private Path folder;

  @Test
  void aFileThatIsReplacedByALongerOneWhileItIsLookedAtIsWhole() throws Exception {
    Configuration hadoop = new Configuration();
    OddFileSystem.register(StaleFileSystem.class, hadoop);
    StaleFileSystem.LOOKS.set(0);

    assertThat(Damage.of(new org.apache.hadoop.fs.Path("stale:" + WHOLE), hadoop)).isEmpty();
    assertThat(StaleFileSystem.LOOKS).hasValueGreaterThan(1);
  }

  @Test
  void aFileThatIsCutOffIsDamagedAtEachLook() throws Exception {
    byte[] bytes = Files.readAllBytes(WHOLE);
    Path cut = folder.resolve("cut.parquet");
    Files.write(cut, Arrays.copyOf(bytes, bytes.length - 1));

    assertThat(Damage.of(new org.apache.hadoop.fs.Path(cut.toUri()), new Configuration()))
        .contains("it does not end as a Parquet file");
  }

  /** Tells the length that a file had before it was replaced, the first time. */
  public static final class StaleFileSystem extends OddFileSystem {

    static final AtomicInteger LOOKS = new AtomicInteger();

    @Override
    public FileStatus getFileStatus(org.apache.hadoop.fs.Path file) throws IOException {
      FileStatus now = super.getFileStatus(file);
      return LOOKS.getAndIncrement() > 0
          ? now
          : new FileStatus(now.getLen() - 100, false, 1, now.getBlockSize(), 0, file);
    }
  }
}
