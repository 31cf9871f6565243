package org.tbptt.model.nativecore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.tbptt.model.core.CoreConfig;
import org.tbptt.model.core.CoreConfigs;
import org.tbptt.model.core.Draws;
import org.tbptt.model.core.Initialiser;
import org.tbptt.model.core.Parameter;
import org.tbptt.model.core.RnnCore;
import org.tbptt.model.core.RnnCoreContract;
import org.tbptt.model.corpus.Window;
import org.tbptt.model.engines.EngineChoice;
import org.tbptt.model.reference.Nd4jCore;
import org.tbptt.model.truncation.TrueStyle;

/** The native core in processes of its own: under JNI's checks, and with TBPTT_ISA set. */
@WithNativeCore
class NativeCoreProcessIT {

  private static final String INTERRUPTED = "interrupted";

  private static CoreConfig config() {
    return CoreConfigs.updatingEvery(RnnCoreContract.config(new TrueStyle(3, 6, true)), 2);
  }

  /** What the processes run: every call of the binding, refused ones too. */
  public static void main(String[] arguments) {
    if (List.of(arguments).contains(INTERRUPTED)) {
      openInterrupted();
    }
    CoreConfig config = config();
    Window window = RnnCoreContract.window(config.shape(), 1);
    Draws draws = Draws.of(0.8, 1, 1, 1, 1);
    double loss = 0;
    try (RnnCore core = new NativeEngine().open(config, 1, 1)) {
      System.out.println("isa " + core.instructionSet());
      for (int i = 0; i < 50; i++) {
        loss = core.train(window, draws, 0.1).loss();
      }
      core.gradients(
          window,
          new Draws.Given(
              List.of(draws.mask(config.shape(), 0), draws.mask(config.shape(), 1)),
              Draws.of(1, 0.5, 1, 1, 1).links(config.shape())));
      core.lags(window, draws, 4);
      core.restore(core.snapshot());
      core.evaluate(window);
      core.resetState();
      core.writeState(core.readState());
      core.write(Parameter.SOFTMAX, core.read(Parameter.SOFTMAX));
      window.inputs()[0] = 1_000_000;
      try {
        core.train(window, draws, 0.1);
      } catch (IllegalArgumentException refused) {
        System.out.println("refused");
      }
    }
    System.out.println("loss " + loss);
  }

  /** As the first trial of an executor that is cancelled while the engines are being loaded. */
  private static void openInterrupted() {
    Thread.currentThread().interrupt();
    EngineChoice.AUTO.open(config(), 1, 1).close();
    System.out.println("still interrupted " + Thread.interrupted());
  }

  @Test
  void theBindingIsCleanUnderJnisChecks() throws Exception {
    Output output = run(Map.of(), List.of("-Xcheck:jni"));

    assertThat(output.exit()).isZero();
    assertThat(output.lines()).contains("refused").anyMatch(line -> line.startsWith("loss "));
    assertThat(output.lines()).noneMatch(line -> line.contains("NativeBinding"));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5})
  void everyInstructionSetOfThisProcessorComputesTheSame(int isa) throws Exception {
    String name = NativeBinding.isaName(isa);
    assumeTrue(NativeBinding.isaAvailable(isa), () -> "this processor has no " + name);

    Output output = run(Map.of("TBPTT_ISA", name), List.of());

    assertThat(output.exit()).isZero();
    assertThat(output.lines()).contains("isa " + name);
    assertThat(output.loss() / referenceLoss()).isBetween(1 - 1e-5, 1 + 1e-5);
  }

  @Test
  void anInstructionSetThatCannotBeIsAnErrorThatNamesWhatCan() throws Exception {
    Output output = run(Map.of("TBPTT_ISA", "mmx"), List.of());

    assertThat(output.exit()).isNotZero();
    assertThat(output.lines())
        .anyMatch(
            line ->
                line.contains("UnsupportedOperationException")
                    && line.contains("mmx")
                    && line.contains("baseline"));
  }

  @Test
  void anInterruptWhileTheEnginesAreLoadedDoesNotSpoilThemForLaterTrials(@TempDir Path unpacked)
      throws Exception {
    // Where the libraries are unpacked already, no loader minds.
    String nothingThere = "-Dorg.bytedeco.javacpp.cachedir=" + unpacked;

    Output output = run(Map.of(), List.of(nothingThere), INTERRUPTED);

    assertThat(output.lines()).contains("still interrupted true");
    assertThat(output.exit()).isZero();
    assertThat(output.loss() / referenceLoss()).isBetween(1 - 1e-5, 1 + 1e-5);
  }

  /** As two executors that start on one host. */
  @Test
  @Tag("long")
  void processesUnpackTheLibrariesAtTheSameTime(@TempDir Path unpacked) throws Exception {
    List<String> options = List.of("-Dorg.bytedeco.javacpp.cachedir=" + unpacked);
    Process one = start(Map.of(), options);
    Process other = start(Map.of(), options);

    for (Output output : List.of(output(one), output(other))) {
      assertThat(output.lines()).contains("refused");
      assertThat(output.exit()).isZero();
      assertThat(output.loss() / referenceLoss()).isBetween(1 - 1e-5, 1 + 1e-5);
    }
  }

  @Test
  @Tag("long")
  void whatAKilledProcessHasHalfUnpackedIsUnpackedAnew(@TempDir Path unpacked) throws Exception {
    List<String> options = List.of("-Dorg.bytedeco.javacpp.cachedir=" + unpacked);
    Process killed = start(Map.of(), options);
    while (killed.isAlive() && bytes(unpacked) < 100_000_000) { // of nearly 400
      Thread.sleep(10);
    }
    killed.destroyForcibly().waitFor();
    cutInHalf(largest(unpacked)); // wherever it was when it was killed

    Output output = run(Map.of(), options);

    assertThat(output.lines()).contains("refused");
    assertThat(output.exit()).isZero();
  }

  @Test
  void aFolderForTheLibrariesThatCannotBeUsedIsSaidWithTheSettingThatChoosesAnother()
      throws Exception {
    Output output =
        run(
            Map.of(),
            Stream.of("org.bytedeco.javacpp.cachedir", "user.home", "java.io.tmpdir")
                .map(folder -> "-D" + folder + "=/proc/nowhere")
                .toList(),
            INTERRUPTED); // by the way that trials take

    assertThat(output.exit()).isNotZero();
    assertThat(output.lines())
        .anyMatch(
            line ->
                line.contains("LinkageError: ND4J's libraries cannot be unpacked and loaded: ")
                    && line.endsWith(
                        "they need 400 MB on a file system without noexec:"
                            + " -Dorg.bytedeco.javacpp.cachedir=FOLDER, in"
                            + " spark.driver.extraJavaOptions or spark.executor.extraJavaOptions,"
                            + " chooses another"));
  }

  private static Path largest(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(Files::isRegularFile)
          .max(Comparator.comparingLong(file -> file.toFile().length()))
          .orElseThrow();
    }
  }

  /** As a process that is killed while it writes. */
  private static void cutInHalf(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(channel.size() / 2);
    }
  }

  private static long bytes(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.map(Path::toFile).filter(File::isFile).mapToLong(File::length).sum();
    } catch (UncheckedIOException goneMeanwhile) {
      return 0;
    }
  }

  private static double referenceLoss() {
    CoreConfig config = config();
    double loss = 0;
    try (RnnCore core =
        new Nd4jCore(
            config,
            CoreConfigs.parameters(config.shape(), Initialiser.GLOROT, 1, DataType.DOUBLE),
            DataType.DOUBLE)) {
      for (int i = 0; i < 50; i++) {
        loss =
            core.train(RnnCoreContract.window(config.shape(), 1), Draws.of(0.8, 1, 1, 1, 1), 0.1)
                .loss();
      }
    }
    return loss;
  }

  private record Output(int exit, List<String> lines) {
    double loss() {
      return lines.stream()
          .filter(line -> line.startsWith("loss "))
          .mapToDouble(line -> Double.parseDouble(line.substring(5)))
          .findFirst()
          .orElseThrow();
    }
  }

  private static Output run(
      Map<String, String> environment, List<String> options, String... arguments)
      throws IOException, InterruptedException {
    return output(start(environment, options, arguments));
  }

  private static Process start(
      Map<String, String> environment, List<String> options, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith("--add-opens"))
        .forEach(command::add);
    command.addAll(options);
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), NativeCoreProcessIT.class.getName()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    return builder.start();
  }

  private static Output output(Process process) throws IOException, InterruptedException {
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Output(process.waitFor(), output.lines().toList());
  }
}
