package org.tbptt.sweep.run;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.api.plugin.SparkPlugin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way from trials to the driver while they train: Spark's own channel for plugins. Spark makes
 * one half of it in each process, which is why they are found by statics.
 */
public final class SweepPlugin implements SparkPlugin {

  private static final Logger LOG = LoggerFactory.getLogger(SweepPlugin.class);

  /** What an executor sends first; the driver does nothing with it. */
  private static final String GREETING = "hello";

  private static volatile Optional<Consumer<SweepEvent.OfTrial>> listener = Optional.empty();
  private static volatile PluginContext executor;

  @Override
  public DriverPlugin driverPlugin() {
    return new DriverPlugin() {
      @Override
      public Object receive(Object message) {
        if (message instanceof SweepEvent.OfTrial event) {
          listener.ifPresent(events -> events.accept(event));
        }
        return null;
      }
    };
  }

  @Override
  public ExecutorPlugin executorPlugin() {
    return new ExecutorPlugin() {
      @Override
      public void init(PluginContext context, Map<String, String> extraConf) {
        // Spark looks for the driver at the first message, once and for all. If that were a trial's
        // and the trial interrupted meanwhile, no trial of this executor could send any more.
        send(context, GREETING);
        executor = context;
      }
    };
  }

  /** On the driver: who hears of trials, on any thread. */
  static void listen(Consumer<SweepEvent.OfTrial> events) {
    listener = Optional.of(events);
  }

  static void removeListener() {
    listener = Optional.empty();
  }

  /**
   * On an executor: sends to the driver. A lost event costs nothing: the trial's result has all of
   * it.
   */
  static void send(SweepEvent.OfTrial event) {
    PluginContext context = executor;
    if (context != null) { // else a Spark that was started without this plugin
      send(context, event);
    }
  }

  private static void send(PluginContext context, Object message) {
    try {
      context.send(message);
    } catch (IOException | IllegalStateException unreachable) {
      LOG.warn("could not send {} to the driver: {}", words(message), unreachable.getMessage());
    }
  }

  private static String words(Object message) {
    return message instanceof SweepEvent.OfTrial event
        ? event.getClass().getSimpleName() + " of " + event.trial().label()
        : message.toString();
  }
}
