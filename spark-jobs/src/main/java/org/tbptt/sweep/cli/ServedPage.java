package org.tbptt.sweep.cli;

import java.util.Optional;
import java.util.function.Consumer;
import org.apache.spark.sql.SparkSession;
import org.tbptt.sweep.live.LiveRun;
import org.tbptt.sweep.live.LiveServer;
import org.tbptt.sweep.results.ResultsStore;
import org.tbptt.sweep.run.SweepEvent;

/** The page of a run, if one is served. Whatever ends the run, open pages are told. */
final class ServedPage implements AutoCloseable {

  private final Optional<LiveServer> server;
  private LiveRun live; // null before the sweep, and if no page is served

  ServedPage(Optional<LiveServer> server) {
    this.server = server;
  }

  /** Shows what happens on the page, too, if there is one. */
  Consumer<SweepEvent> showing(SparkSession spark, ResultsStore store, Consumer<SweepEvent> other) {
    if (server.isEmpty()) {
      return other;
    }
    live = new LiveRun(spark, store, server.get());
    // What --quiet prints are the problems.
    return other.andThen(live).andThen(new ProgressLines(live::problem, store, true));
  }

  /** The sweep is over, whether it has ended or not. */
  void leave() {
    if (live != null) {
      live.close();
    }
  }

  /** The sweep has ended. */
  void ended() {
    if (live != null) {
      live.end("The sweep has ended.");
    }
  }

  @Override
  public void close() {
    server.ifPresent(LiveServer::close);
  }
}
