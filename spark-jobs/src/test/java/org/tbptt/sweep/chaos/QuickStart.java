package org.tbptt.sweep.chaos;

import static java.util.stream.Collectors.joining;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.tbptt.sweep.LocalSpark;
import org.tbptt.sweep.cli.TbpttSweep;

/**
 * Lets processes of seconds start soon: from an archive of the classes that a sweep loads, as
 * submit.sh does it. An archive knows jars only, so folders of classes become jars. All is made by
 * the first process of tests that needs it, in {@code target/quick-start}.
 */
final class QuickStart {

  private static final List<String> OPTIONS =
      List.of(
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-XX:+UnlockDiagnosticVMOptions",
          "-XX:-BytecodeVerificationRemote");

  private static final Path FOLDER = Path.of("target", "quick-start").toAbsolutePath();
  private static final String CLASS_PATH;
  private static final Path ARCHIVE;

  static {
    try {
      Files.createDirectories(FOLDER);
      try (FileChannel channel =
              FileChannel.open(
                  FOLDER.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock onlyOne = channel.lock()) {
        CLASS_PATH = jars();
        ARCHIVE = FOLDER.resolve("classes-%08x.jsa".formatted(stamp()));
        if (!Files.exists(ARCHIVE)) {
          archive();
        }
      }
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private QuickStart() {}

  /** That of this process, with jars instead of folders. */
  static String classPath() {
    return CLASS_PATH;
  }

  /** What a JVM is started with; where the class path begins otherwise, the archive is not used. */
  static List<String> options() {
    List<String> options = new ArrayList<>(OPTIONS);
    options.addAll(
        List.of("-XX:SharedArchiveFile=" + ARCHIVE, "-Xlog:cds=off", "-Xlog:cds+dynamic=off"));
    return options;
  }

  /** Those that let Spark's libraries into the JDK. */
  static List<String> moduleOptions() {
    return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith("--add-opens"))
        .toList();
  }

  private static String jars() throws IOException {
    List<String> jars = new ArrayList<>();
    for (String each : split(System.getProperty("java.class.path"))) {
      Path path = Path.of(each).toAbsolutePath();
      jars.add((Files.isDirectory(path) ? jar(path, jars.size()) : path).toString());
    }
    return String.join(File.pathSeparator, jars);
  }

  private static Path jar(Path classes, int number) throws IOException {
    Path jar = FOLDER.resolve("%d-%s.jar".formatted(number, classes.getFileName()));
    List<Path> files;
    try (Stream<Path> all = Files.walk(classes)) {
      files = all.filter(Files::isRegularFile).sorted().toList();
    }
    if (Files.exists(jar) && files.stream().noneMatch(file -> modified(file) > modified(jar))) {
      return jar;
    }
    Path temporary = Files.createTempFile(FOLDER, "classes", ".jar");
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(temporary))) {
      out.setLevel(0);
      for (Path file : files) {
        out.putNextEntry(new JarEntry(classes.relativize(file).toString()));
        Files.copy(file, out);
      }
    }
    return Files.move(temporary, jar, StandardCopyOption.ATOMIC_MOVE);
  }

  /**
   * Surefire ends its class path with a separator; an empty element would be the current folder.
   */
  private static List<String> split(String path) {
    return Stream.of(path.split(File.pathSeparator, -1)).filter(each -> !each.isEmpty()).toList();
  }

  /** An archive fits the jars from which it was made. */
  private static int stamp() {
    return split(CLASS_PATH).stream()
        .map(jar -> jar + modified(Path.of(jar)))
        .collect(joining())
        .hashCode();
  }

  private static long modified(Path file) {
    try {
      return Files.exists(file) ? Files.getLastModifiedTime(file).toMillis() : 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs a sweep of one small trial. */
  private static void archive() throws IOException, InterruptedException {
    Path scratch = Files.createTempDirectory(FOLDER, "sweep");
    Path conf =
        Files.writeString(
            scratch.resolve("small.conf"),
            """
            sweep {
              name = small
              corpus { kind = toy, train-length = 5000, valid-length = 1000, test-length = 1000 }
              grid { truncation = {bptt-steps = 4, seq-len = 10}, style = tf, learning-rate = 0.01 }
              model { state-size = 8, embed-size = 4 }
              training { epochs = 1, batch-size = 20 }
            }
            """);
    Path archive = scratch.resolve("classes.jsa");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(moduleOptions());
    command.addAll(OPTIONS);
    command.addAll(List.of("-Xmx512m", "-XX:ArchiveClassesAtExit=" + archive));
    command.addAll(List.of("-Dspark.master=local[1]", "-Dspark.ui.enabled=false"));
    LocalSpark.FOR_FEW_ROWS.forEach((key, value) -> command.add("-D" + key + "=" + value));
    command.addAll(List.of("-cp", CLASS_PATH, TbpttSweep.class.getName(), "run", "" + conf));
    command.addAll(List.of("--results", scratch.resolve("results").toString()));
    Path output = scratch.resolve("output");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().putAll(Map.of("SPARK_LOCAL_IP", "127.0.0.1", "OMP_NUM_THREADS", "1"));
    if (builder.start().waitFor() != 0 || !Files.exists(archive)) {
      throw new AssertionError("no archive of classes:\n" + Files.readString(output));
    }
    try (Stream<Path> outdated = Files.list(FOLDER)) {
      for (Path each : outdated.filter(file -> file.toString().endsWith(".jsa")).toList()) {
        Files.delete(each);
      }
    }
    Files.move(archive, ARCHIVE, StandardCopyOption.ATOMIC_MOVE);
    FileUtils.deleteDirectory(scratch.toFile());
  }
}
