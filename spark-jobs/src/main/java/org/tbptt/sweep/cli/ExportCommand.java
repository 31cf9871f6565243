package org.tbptt.sweep.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import org.tbptt.model.store.StoredModel;
import org.tbptt.sweep.models.Export;
import org.tbptt.sweep.models.NamedTrial;
import org.tbptt.sweep.results.ResultsStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description = {
      "Writes a trial's kept model for other programs.",
      "model.zip is a DL4J network (not for a GRU, which DL4J lacks), vocab.txt has one word per line in the order of the ids, and"
          + " model.safetensors has the weights."
    })
final class ExportCommand implements Callable<Integer> {

  @Mixin private TrialArguments trial;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description = "A local folder. Default: export/TRIAL_ID.")
  private Optional<Path> output;

  @Mixin private ResultsOption results;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    try (Session session = Session.forReading("export")) {
      return session.call(spec, this::export);
    }
  }

  private int export(SparkSession spark) {
    NamedTrial named = trial.find(() -> results.queries(spark));
    ResultsStore store = results.open(spark);
    try (StoredModel model = named.model(store.models())) {
      Path folder = output.orElse(Path.of("export", named.trialId()));
      Export export = new Export(model, named.corpus(model).vocabulary(), store.hadoop());
      PrintWriter out = spec.commandLine().getOut();
      export.write(folder).forEach(out::println);
      out.flush();
      if (!export.hasNetwork()) {
        spec.commandLine()
            .getErr()
            .println(
                "no model.zip: DL4J has no layer for cell = gru; the weights are in model.safetensors");
      }
    }
    return TbpttSweep.DONE;
  }
}
