package org.tbptt.sweep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOError;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.apache.spark.SparkException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tbptt.sweep.results.ResultsException;

class StopSignalsTest {

  static Stream<Throwable> interrupts() {
    return Stream.of(
        new InterruptedException(),
        new CancellationException("interrupted while keeping a checkpoint"),
        new IOError(new InterruptedIOException("the terminal")),
        new ResultsException("cannot read", new IOException(new ClosedByInterruptException())),
        new SparkException("Exception thrown in awaitResult", new InterruptedException()));
  }

  @ParameterizedTest
  @MethodSource("interrupts")
  void whatAnInterruptHasBroughtAboutIsAStop(Throwable failure) {
    assertThat(StopSignals.isInterrupt(failure)).isTrue();
  }

  static Stream<Throwable> failures() {
    return Stream.of(
        new ResultsException("cannot write", new IOException("No space left on device")),
        new ResultsException("cannot write", new SocketTimeoutException("Read timed out")),
        new IllegalStateException("a defect"));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void aFailureWhileStoppingIsAFailure(Throwable failure) {
    assertThat(StopSignals.isInterrupt(failure)).isFalse();
  }
}
