package org.tbptt.model.nativecore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.tbptt.model.core.CoreConfig;
import org.tbptt.model.core.CoreConfigs;
import org.tbptt.model.core.Initialiser;
import org.tbptt.model.core.Parameter;
import org.tbptt.model.core.RnnCore;
import org.tbptt.model.core.RnnShape;
import org.tbptt.model.truncation.FullStyle;

/** That a core's threads end with it. There are so many of them that no others are mistaken. */
@WithNativeCore
@EnabledOnOs(OS.LINUX)
class NativeCoreReleaseTest {

  private static final int THREADS = 200;
  private static final CoreConfig CONFIG =
      CoreConfigs.of(new RnnShape(9, 3, 4, 2, 5), new FullStyle(5));

  @Test
  void aClosedCoreEndsItsThreads() throws Exception {
    long before = threads();
    try (RnnCore core = new NativeEngine().open(CONFIG, 1, THREADS)) {
      assertThat(core.engine()).isEqualTo("native");
      assertThat(threads()).isGreaterThan(before + THREADS / 2);
    }
    assertThat(threads()).isLessThan(before + THREADS / 2);
  }

  @Test
  void aCoreThatRefusesItsParametersEndsItsThreads() throws Exception {
    Map<Parameter, INDArray> parameters =
        CoreConfigs.parameters(CONFIG.shape(), Initialiser.GLOROT, 1, DataType.FLOAT);
    parameters.get(Parameter.SOFTMAX_BIAS).putScalar(0, 2, Double.NEGATIVE_INFINITY);
    long before = threads();

    assertThatThrownBy(() -> new NativeCore(CONFIG, THREADS, parameters))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            Parameter.SOFTMAX_BIAS.key()
                + ": values[2] of tensor 4 is -inf: allowed finite numbers");
    assertThat(threads()).isLessThan(before + THREADS / 2);
  }

  @Test
  void aCoreThatNobodyClosesEndsItsThreadsOnceItIsUnreachable() throws Exception {
    long before = threads();
    assertThat(new NativeEngine().open(CONFIG, 1, THREADS).engine()).isEqualTo("native");

    for (int wait = 0; wait < 500 && threads() > before + THREADS / 2; wait++) {
      System.gc();
      Thread.sleep(10);
    }

    assertThat(threads()).isLessThan(before + THREADS / 2);
  }

  /** Of this process, Java's and others. */
  private static long threads() throws IOException {
    try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
      return tasks.count();
    }
  }
}
