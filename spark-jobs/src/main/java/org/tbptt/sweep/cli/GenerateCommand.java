package org.tbptt.sweep.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.apache.spark.sql.SparkSession;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.store.StoredModel;
import org.tbptt.sweep.config.SweepConfig;
import org.tbptt.sweep.models.NamedTrial;
import org.tbptt.sweep.models.TextCoding;
import org.tbptt.sweep.models.TextGenerator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "generate",
    mixinStandardHelpOptions = true,
    description = {
      "Writes text with a trial's kept model, word by word.",
      "The same seed writes the same text."
    })
final class GenerateCommand implements Callable<Integer> {

  @Mixin private TrialArguments trial;

  @Option(
      names = "--words",
      paramLabel = "N",
      defaultValue = "50",
      description = "How many tokens, at least 1. Default: ${DEFAULT-VALUE}.")
  private int words;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      defaultValue = "1",
      description = {
        "Below 1 the likely words become likelier, above 1 the unlikely ones; 0 takes the likeliest."
            + " Default: ${DEFAULT-VALUE}."
      })
  private double temperature;

  @Option(
      names = "--prompt",
      paramLabel = "TEXT",
      defaultValue = "",
      description = "What the text begins with. Default: the beginning of a line.")
  private String prompt;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "The key of the draws, a whole number. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Mixin private ResultsOption results;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    check(words >= 1, "--words = " + words + ": must be at least 1");
    check(
        temperature >= 0 && Double.isFinite(temperature),
        "--temperature = " + temperature + ": must be a finite number, 0 or more");
    PrintWriter out = spec.commandLine().getOut();
    try (Session session = Session.forReading("generate")) {
      SparkSession spark = session.spark();
      NamedTrial named = trial.find(results.queries(spark));
      try (StoredModel model = named.model(results.open(spark).models())) {
        Corpus corpus = named.corpus(model);
        TextCoding coding = new TextCoding(SweepConfig.storedCorpus(named.conf()), corpus);
        out.println(write(model, coding));
        out.flush();
      }
    }
    return TbpttSweep.DONE;
  }

  /** The prompt and what follows. */
  private String write(StoredModel model, TextCoding coding) {
    int[] begin = coding.encode(prompt);
    try (TextGenerator generator = new TextGenerator(model)) {
      int[] drawn = generator.generate(begin, words, temperature, seed);
      return coding.decode(
          prompt.isEmpty()
              ? drawn
              : IntStream.concat(IntStream.of(begin), IntStream.of(drawn)).toArray());
    }
  }

  private void check(boolean fine, String message) {
    if (!fine) {
      throw new ParameterException(spec.commandLine(), message);
    }
  }
}
