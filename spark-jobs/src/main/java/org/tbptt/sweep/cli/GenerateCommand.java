package org.tbptt.sweep.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.apache.spark.sql.SparkSession;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.setting.InvalidSettingException;
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
      "Generates text with a trial's kept model, token by token: words, or characters of a corpus with"
          + " unit = character.",
      "The same seed gives the same text."
    })
final class GenerateCommand implements Callable<Integer> {

  @Mixin private TrialArguments trial;

  @Option(
      names = "--words",
      paramLabel = "N",
      defaultValue = "50",
      description = "Tokens to generate, at least 1. Default: ${DEFAULT-VALUE}.")
  private int words;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      defaultValue = "1",
      description = {
        "Below 1 likely words become more likely, above 1 less; 0 always takes the most likely word."
            + " Default: ${DEFAULT-VALUE}."
      })
  private double temperature;

  @Option(
      names = "--prompt",
      paramLabel = "TEXT",
      defaultValue = "",
      description = "The start of the text. Default: the start of a line.")
  private String prompt;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Random seed, a whole number. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Mixin private ResultsOption results;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    check(words >= 1, "--words", words, "must be at least 1");
    check(
        temperature >= 0 && Double.isFinite(temperature),
        "--temperature",
        temperature,
        "must be a finite number, 0 or more");
    try (Session session = Session.forReading("generate")) {
      return session.call(spec, this::generate);
    }
  }

  private int generate(SparkSession spark) {
    TrialArguments.requireEngine();
    NamedTrial named = trial.find(() -> results.queries(spark));
    try (StoredModel model = named.model(results.open(spark).models())) {
      Corpus corpus = named.corpus(model);
      TextCoding coding = new TextCoding(SweepConfig.storedCorpus(named.conf()), corpus);
      PrintWriter out = spec.commandLine().getOut();
      out.println(write(model, coding));
      out.flush();
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

  private void check(boolean fine, String option, Object value, String allowed) {
    if (!fine) {
      String message = new InvalidSettingException(option, value, allowed).getMessage();
      throw new ParameterException(spec.commandLine(), message);
    }
  }
}
