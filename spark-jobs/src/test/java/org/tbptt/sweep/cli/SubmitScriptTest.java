package org.tbptt.sweep.cli;

import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** submit.sh among files that look built, with a Java and a Spark that only print what they get. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SubmitScriptTest {

  @TempDir private static Path here;
  private Path java;
  private Path spark;

  private record Output(int exit, String out, String err) {}

  @BeforeAll
  void build() throws IOException {
    copy(Path.of("../submit.sh"), here.resolve("submit.sh"));
    Path commands = Path.of("src/main/java/org/tbptt/sweep/cli");
    try (Stream<Path> sources = Files.list(commands)) {
      for (Path source : sources.toList()) {
        copy(source, here.resolve("spark-jobs").resolve(source));
      }
    }
    for (String source :
        List.of(
            "pom.xml",
            "model/pom.xml",
            "model/src/main/A.java",
            "conf/reference.conf",
            "spark-jobs/pom.xml",
            "spark-jobs/spark-home/pom.xml",
            "spark-jobs/spark-home/src/A",
            "spark-jobs/spark-home/target/spark-home/jars/a.jar")) {
      write(source, "");
    }
    write("spark-jobs/spark-home/target/spark-home/classes-17.0.1.jsa", "");
    write("spark-jobs/target/tbptt-sweep-app.jar", "");
    java = here.resolve("java");
    script(
        "java/bin/java",
        """
        case "$1" in
          -version) echo 'openjdk version "17.0.1"' >&2 ;;
          *) echo "Error: no launcher" >&2; exit 3 ;;
        esac
        """);
    spark = here.resolve("spark");
    script("spark/bin/spark-submit", "printf '%s|' \"$@\"\n");
  }

  @ParameterizedTest
  @MethodSource("optionsOfCommands")
  void anOptionOfACommandBelongsAfterIt(String option) throws Exception {
    Output output = submit("", option, "a", "run");

    assertThat(output.err())
        .isEqualTo(
            "submit.sh: %1$s belongs after a command, as in: ./submit.sh COMMAND %1$s ...\n"
                .formatted(option));
    assertThat(output.exit()).isEqualTo(2);
  }

  static List<String> optionsOfCommands() {
    return TbpttSweep.commandLine().getSubcommands().values().stream()
        .map(CommandLine::getCommandSpec)
        .flatMap(command -> command.options().stream())
        .flatMap(option -> Stream.of(option.names()))
        .filter(name -> !List.of("-h", "--help", "-V", "--version").contains(name))
        .distinct()
        .toList();
  }

  @Test
  void itsCommandsAreThoseOfTheProgram() throws Exception {
    Set<String> commands = TbpttSweep.commandLine().getSubcommands().keySet();

    assertThat(submit("", "none").err())
        .isEqualTo(
            "submit.sh: none is not a command; there are: %s (./submit.sh --help)\n"
                .formatted(String.join(" ", commands)));
    for (String command : commands) {
      assertThat(submit("", command).out()).endsWith("|" + command + "|");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-h", "--help", "-V", "--version"})
  void helpAndVersionNeedNoCommand(String option) throws Exception {
    assertThat(submit("", option).out()).endsWith("|" + option + "|");
  }

  @Test
  void itsListOfSparksOptionsIsSparksOwn() throws Exception {
    for (String option : optionsOfSpark("opts")) {
      assertThat(submit("", option).err())
          .isEqualTo("submit.sh: %s has no value\n".formatted(option));
    }
    Set<String> switches = optionsOfSpark("switches");
    // Help and version are the program's; the last one is what Spark's launcher tells itself.
    switches.removeAll(Set.of("--help", "-h", "--version", "--usage-error"));
    for (String option : switches) {
      assertThat(submit("", option, "sql").out()).startsWith(option + "|").endsWith("|sql|");
    }
  }

  /** Of a field of Spark's own parser. */
  private static Set<String> optionsOfSpark(String field) throws ReflectiveOperationException {
    Constructor<?> parser =
        Class.forName("org.apache.spark.launcher.SparkSubmitOptionParser").getDeclaredConstructor();
    parser.setAccessible(true);
    Field names = parser.getDeclaringClass().getDeclaredField(field);
    names.setAccessible(true);
    return Stream.of((String[][]) names.get(parser.newInstance()))
        .flatMap(Stream::of)
        .collect(toCollection(TreeSet::new));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --bogus run            | --bogus is not an option of spark-submit, and those of a command belong after it (./submit.sh --help)
          --bogus=1 run          | --bogus is not an option of spark-submit, and those of a command belong after it (./submit.sh --help)
          --quiet                | --quiet belongs after a command, as in: ./submit.sh COMMAND --quiet ...
          --results=a run        | --results belongs after a command, as in: ./submit.sh COMMAND --results ...
          --master               | --master has no value
          --master host:7077 run | --master host:7077: must be local[N], spark://HOST:PORT, yarn or k8s://https://HOST:PORT
          --master=loca run      | --master loca: must be local[N], spark://HOST:PORT, yarn or k8s://https://HOST:PORT
          --deploy-mode x run    | --deploy-mode x: must be client or cluster
          --conf spark.a run     | --conf spark.a: must be KEY=VALUE
          --properties-file x run | --properties-file x: must be a file that is there
          --driver-memory 4096 run | --driver-memory 4096: must be a size with its unit, such as 4g
          --executor-memory 4x run | --executor-memory 4x: must be a size, such as 4g
          --executor-cores 0 run | --executor-cores 0: must be a whole number, at least 1
          --num-executors two run | --num-executors two: must be a whole number, at least 1
          rnu                    | rnu is not a command; there are: run plan compare report serve sql diagnose evaluate export generate (./submit.sh --help)
          """)
  void whatCannotBeIsSaidInOneLine(String words, String line) throws Exception {
    Output output = submit("", words.split(" ", -1));

    assertThat(output.err()).isEqualTo("submit.sh: " + line + "\n");
    assertThat(output.exit()).isEqualTo(2);
  }

  @Test
  void optionsOfSparkSubmitGoToItAsTheyAre() throws Exception {
    String[] words = {
      "--master",
      "local[1]",
      "--conf",
      "spark.a=b c",
      "-c",
      "spark.b=",
      "-v",
      "--name",
      "run",
      "--executor-memory=4096",
      "--driver-memory",
      "512m",
      "--total-executor-cores",
      "8",
      "sql",
      "--format",
      "csv"
    };

    Output output = submit("", words);

    List<String> expected = new ArrayList<>(List.of(words));
    expected.addAll(
        expected.indexOf("sql"),
        List.of(
            "--class",
            "org.tbptt.sweep.cli.TbpttSweep",
            here.toRealPath() + "/spark-jobs/target/tbptt-sweep-app.jar"));
    assertThat(output.out()).isEqualTo(String.join("|", expected) + "|");
    assertThat(output.err()).isEqualTo("submit.sh: sql with Spark from " + spark + "\n");
    assertThat(output.exit()).isZero();
  }

  @Test
  void tooFewOpenFilesAreSaidSo() throws Exception {
    Output output = submit("ulimit -n 100; ", "run");

    assertThat(output.err()).isEqualTo("submit.sh: needs 512 open files, ulimit -Hn allows 100\n");
    assertThat(output.exit()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({"11", "16", "23", "25"})
  void anotherJavaIsRefused(int version) throws Exception {
    script("java-" + version + "/bin/java", "echo 'openjdk version \"" + version + ".0.1\"' >&2\n");
    String home = here.resolve("java-" + version).toString();

    Output output = submit("export JAVA_HOME=" + home + "; ", "run");

    assertThat(output.err())
        .startsWith("submit.sh: needs a JDK 17 ")
        .contains(home + "/bin/java is version " + version)
        .hasLineCount(1);
    assertThat(output.exit()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({
    "spark-core_2.12-3.5.9.jar, true",
    "spark-core_2.12-3.5.0-amzn-1.jar, true",
    "spark-core_2.13-3.5.9.jar, false",
    "spark-core_2.12-3.4.1.jar, false",
    "spark-core_2.13-4.0.0.jar, false"
  })
  void anotherSparkIsRefused(String jar, boolean accepted) throws Exception {
    Path home = here.resolve("home-" + jar);
    script(here.relativize(home) + "/bin/spark-submit", "printf started\n");
    write(here.relativize(home) + "/jars/" + jar, "");

    Output output = submit("export SPARK_HOME=" + home + "; ", "run");

    assertThat(output.out()).isEqualTo(accepted ? "started" : "");
    assertThat(output.exit()).isEqualTo(accepted ? 0 : 2);
    assertThat(output.err())
        .isEqualTo(
            accepted
                ? "submit.sh: run with Spark from " + home + "\n"
                : "submit.sh: SPARK_HOME = %s: has %s, must be Spark 3.5 for Scala 2.12 (unset it to use Spark from Maven's jars)\n"
                    .formatted(home, jar));
  }

  @ParameterizedTest
  @CsvSource({
    "'', --deploy-mode cluster, true",
    "'', --deploy-mode=cluster, true",
    "'', --deploy-mode client, false",
    "'', --conf spark.submit.deployMode=cluster, true",
    "'', --conf spark.submit.deployMode=client, false",
    "export DEPLOY_MODE=cluster;, --name a, true",
    "export DEPLOY_MODE=cluster;, --deploy-mode client, false",
    "export SPARK_CONF_DIR=$PWD/conf;, --name a, true",
    "export DEPLOY_MODE=client SPARK_CONF_DIR=$PWD/conf;, --name a, true",
    "export DEPLOY_MODE=cluster SPARK_CONF_DIR=$PWD/client;, --name a, false",
    "export SPARK_CONF_DIR=$PWD/conf;, --deploy-mode client, false",
    "'', --properties-file conf/spark-defaults.conf, true",
    "'', --name a, false"
  })
  void clusterModeIsFoundWhereverItIsSet(String before, String options, boolean cluster)
      throws Exception {
    write("conf/spark-defaults.conf", "spark.master yarn\nspark.submit.deployMode  cluster\n");
    write("client/spark-defaults.conf", "spark.submit.deployMode client\n");
    List<String> words = new ArrayList<>(List.of(options.split(" ", -1)));
    words.add("run");

    Output output = submit("cd " + here + "; " + before + " ", words.toArray(String[]::new));

    assertThat(output.exit()).as(output.err()).isZero();
    assertThat(output.err().contains("the driver runs on the cluster")).isEqualTo(cluster);
  }

  @Test
  void aLauncherThatFailsEndsItWithItsOwnWords() throws Exception {
    Output output = submit("unset SPARK_HOME; ", "run");

    assertThat(output.err())
        .isEqualTo("submit.sh: run with Spark from Maven's jars\nError: no launcher\n");
    assertThat(output.exit()).isEqualTo(3);
  }

  @Test
  void variablesOfTheLaunchersCommandDoNotGetTheOptionsOfTheJvm() throws Exception {
    script(
        "launcher/bin/java",
        """
        case "$1" in
          -version) echo 'openjdk version "17.0.1"' >&2 ;;
          *) printf '\\0\\nenv\\0LD_LIBRARY_PATH=/a b\\0%s/jvm\\0Main\\0' "${0%/*}" ;;
        esac
        """);
    script("launcher/bin/jvm", "printf '%s|' \"$LD_LIBRARY_PATH\" \"$@\"\n");
    String before = "unset SPARK_HOME; export JAVA_HOME=" + here.resolve("launcher") + "; ";

    Output output = submit(before, "--driver-library-path", "/a b", "sql");

    assertThat(output.out()).isEqualTo("/a b|-XX:TieredStopAtLevel=1|Main|");
    assertThat(output.exit()).isZero();
  }

  @Test
  void aJavaThatDoesNotStartSaysWhy() throws Exception {
    script(
        "broken/bin/java",
        "echo 'Picked up JDK_JAVA_OPTIONS: -Xno' >&2; echo 'Error: no JVM' >&2; exit 1\n");

    Output output = submit("export JAVA_HOME=" + here.resolve("broken") + "; ", "run");

    assertThat(output.err())
        .endsWith("broken/bin/java -version fails: Error: no JVM\n")
        .hasLineCount(1);
    assertThat(output.exit()).isEqualTo(2);
  }

  @Test
  @Timeout(60)
  void twoCommandsAtOnceBuildOnlyOnce() throws Exception {
    script("java/bin/javac", "");
    script(
        "maven/mvn",
        """
        echo built >>builds
        while [ ! -e go ]; do sleep 0.05; done
        touch spark-jobs/target/tbptt-sweep-app.jar
        """);
    Files.delete(here.resolve("spark-jobs/target/tbptt-sweep-app.jar"));
    String before = "PATH=" + here.resolve("maven") + ":$PATH; ";

    Process first = start(before, "first", "sql");
    awaitText("builds");
    Process second = start(before, "second", "sql");
    awaitText("errsecond");
    write("go", "");

    assertThat(first.waitFor()).isZero();
    assertThat(second.waitFor()).isZero();
    assertThat(err("second"))
        .isEqualTo(
            """
            submit.sh: waiting for another command's build
            submit.sh: sql with Spark from %s
            """
                .formatted(spark));
    assertThat(here.resolve("builds")).hasContent("built");
  }

  private Output submit(String before, String... words) throws Exception {
    int exit = start(before, "", words).waitFor();
    return new Output(exit, Files.readString(here.resolve("out")), err(""));
  }

  /**
   * @param name what its output's files are called, after out and err
   */
  private Process start(String before, String name, String... words) throws IOException {
    List<String> command =
        new ArrayList<>(List.of("bash", "-c", before + "exec \"$@\"", "bash", here + "/submit.sh"));
    command.addAll(List.of(words));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectOutput(here.resolve("out" + name).toFile())
            .redirectError(here.resolve("err" + name).toFile());
    builder.environment().put("JAVA_HOME", java.toString());
    builder.environment().put("SPARK_HOME", spark.toString());
    return builder.start();
  }

  private static void awaitText(String file) throws Exception {
    while (!Files.exists(here.resolve(file)) || Files.size(here.resolve(file)) == 0) {
      Thread.sleep(20);
    }
  }

  private static String err(String name) throws IOException {
    return Files.readString(here.resolve("err" + name));
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to.getParent());
    Files.copy(from, to, StandardCopyOption.COPY_ATTRIBUTES);
  }

  private static void script(String name, String text) throws IOException {
    write(name, "#!/bin/sh\n" + text);
    assertThat(here.resolve(name).toFile().setExecutable(true)).isTrue();
  }

  private static void write(String name, String text) throws IOException {
    Path file = here.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }
}
