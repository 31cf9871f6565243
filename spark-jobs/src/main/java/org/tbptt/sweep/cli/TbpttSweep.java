package org.tbptt.sweep.cli;

import java.io.PrintWriter;
import java.util.Locale;
import org.apache.spark.SparkUserAppException;
import org.tbptt.model.corpus.CorpusException;
import org.tbptt.sweep.config.InvalidConfException;
import org.tbptt.sweep.results.ResultsException;
import org.tbptt.sweep.run.SweepException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;

/** The program: what spark-submit starts. */
@Command(
    name = "submit.sh",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    synopsisHeading = "Usage: ",
    customSynopsis = "./submit.sh [spark-submit options] [COMMAND] [arguments]",
    description = {
      "",
      "Compares styles of truncated backpropagation through time: trains recurrent networks over a"
          + " grid, or a search, of (bptt_steps, seq_len), style, learning rate and other settings.",
      ""
    },
    commandListHeading = "Commands (default: run):%n",
    footer = {
      "",
      "Exit status: 0 done; 1 trials failed, the run aborted, or another driver runs the sweep; 2"
          + " wrong usage or settings, or Spark, corpus or results cannot be used; 130 stopped.",
      "COMMAND --help explains a command."
    },
    subcommands = {
      RunCommand.class,
      PlanCommand.class,
      CompareCommand.class,
      ReportCommand.class,
      ServeCommand.class,
      SqlCommand.class,
      DiagnoseCommand.class,
      EvaluateCommand.class,
      ExportCommand.class,
      GenerateCommand.class
    })
public final class TbpttSweep {

  static final int DONE = 0;
  static final int SOME_FAILED = 1;
  static final int WRONG = 2;
  static final int STOPPED = 130;

  TbpttSweep() {}

  public static void main(String[] arguments) throws SparkUserAppException {
    // Numbers in messages, names and the tables' texts have the same digits everywhere.
    Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT);
    SparkLog.keepToWarnings();
    int exit = commandLine().execute(arguments.length == 0 ? new String[] {"run"} : arguments);
    if (!isInApplicationMaster()) {
      System.exit(exit);
    }
    if (exit != DONE) {
      throw new SparkUserAppException(exit);
    }
  }

  /**
   * Whether this is the driver of YARN's cluster mode. An application master takes any System.exit
   * for a failure, after which YARN starts the program again.
   */
  private static boolean isInApplicationMaster() {
    return "yarn".equals(System.getProperty("spark.master"))
        && "cluster".equals(System.getProperty("spark.submit.deployMode"));
  }

  static CommandLine commandLine() {
    CommandLine command =
        new CommandLine(new TbpttSweep())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setParameterExceptionHandler(TbpttSweep::wrongUsage)
            .setExecutionExceptionHandler(TbpttSweep::failure);
    command
        .getSubcommands()
        .values()
        .forEach(each -> each.getCommandSpec().versionProvider(new Version())); // not inherited
    return command;
  }

  private static int wrongUsage(ParameterException wrong, String[] arguments) {
    CommandLine command = wrong.getCommandLine();
    PrintWriter err = command.getErr();
    err.println("submit.sh: " + firstLine(wrong));
    CommandLine.UnmatchedArgumentException.printSuggestions(wrong, err);
    err.println("Try: ./" + command.getCommandSpec().qualifiedName() + " --help");
    return WRONG;
  }

  /** What users can correct is one line; anything else is a bug, with its stack trace. */
  private static int failure(
      Exception failure, CommandLine command, CommandLine.ParseResult result) {
    PrintWriter err = command.getErr();
    if (failure instanceof InvalidConfException
        || failure instanceof CorpusException
        || failure instanceof ResultsException
        || failure instanceof InvalidQueryException
        || failure instanceof NoSparkException) {
      err.println("submit.sh: " + firstLine(failure));
      return WRONG;
    }
    if (failure instanceof SweepException) {
      err.println("submit.sh: " + firstLine(failure));
      return SOME_FAILED;
    }
    failure.printStackTrace(err);
    return SOME_FAILED;
  }

  /** Of a message: a name node's refusal has its stack trace in it. */
  static String firstLine(Throwable failure) {
    return String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
  }
}
