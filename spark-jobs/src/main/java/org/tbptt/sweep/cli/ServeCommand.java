package org.tbptt.sweep.cli;

import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.apache.spark.sql.SparkSession;
import org.tbptt.sweep.analysis.Queries;
import org.tbptt.sweep.analysis.SweepState;
import org.tbptt.sweep.live.LiveAddress;
import org.tbptt.sweep.live.LiveServer;
import org.tbptt.sweep.live.LiveTables;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "serve",
    mixinStandardHelpOptions = true,
    description = {
      "Serves a sweep's report as a page that updates by itself when the tables change.",
      "Runs until you stop it. It shows what is in the tables; run --serve also shows running"
          + " trials."
    })
final class ServeCommand implements Callable<Integer> {

  @Parameters(
      paramLabel = "SWEEP",
      arity = "0..1",
      description = "The sweep's name. Default: the one that was run last.")
  private Optional<String> sweep;

  @Option(
      names = "--at",
      paramLabel = "[HOST:]PORT",
      defaultValue = "" + LiveAddress.DEFAULT_PORT,
      description = {
        "Where to serve it. Default: ${DEFAULT-VALUE}; only this machine can open it. With a HOST,"
            + " such as 0.0.0.0:7007, other machines can, too: anyone who has the printed URL,"
            + " which contains a secret token."
      })
  private String address;

  @Option(
      names = "--every",
      paramLabel = "SECONDS",
      defaultValue = "10",
      description =
          "How often to look for new results while a page is open. Default: ${DEFAULT-VALUE}.")
  private int every;

  @Mixin private ResultsOption results;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    if (every < 1) {
      throw new ParameterException(
          spec.commandLine(), "--every = " + every + ": must be at least 1");
    }
    try (LiveServer server = ServeOption.start(address, "--at", spec);
        Session session = Session.forReading("serve")) {
      return session.call(spec, spark -> serve(spark, server));
    }
  }

  private int serve(SparkSession spark, LiveServer server) throws Exception {
    String name =
        Queries.retried(() -> results.queries(spark), queries -> SweepState.find(queries, sweep))
            .name();
    LiveTables tables = new LiveTables(spark, results.open(spark), name, server);
    tables.update();
    ServeOption.printUrl(server, spec);
    while (true) {
      TimeUnit.SECONDS.sleep(every);
      if (server.isWatched()) {
        update(tables);
      }
    }
  }

  /** The tables may be out of reach for a while. */
  private void update(LiveTables tables) throws Exception {
    try {
      tables.update();
    } catch (Exception unreadable) {
      if (StopSignals.isInterrupt(unreadable) || tables.isSparkStopped()) {
        throw unreadable;
      }
      String reason = TbpttSweep.firstLine(unreadable);
      spec.commandLine().getErr().println("the tables cannot be read, trying again: " + reason);
      spec.commandLine().getErr().flush();
    }
  }
}
