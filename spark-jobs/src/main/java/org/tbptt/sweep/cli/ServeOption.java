package org.tbptt.sweep.cli;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.Stack;
import org.tbptt.sweep.live.LiveAddress;
import org.tbptt.sweep.live.LiveServer;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** --serve, for commands that can serve a page. */
final class ServeOption {

  @Option(
      names = "--serve",
      paramLabel = "[HOST:]PORT",
      arity = "0..1",
      preprocessor = OnlyAttached.class,
      description = {
        "Serve the report as a page that updates by itself while trials train. Default port: "
            + LiveAddress.DEFAULT_PORT
            + ", another as in --serve=7008; only this machine can open it. With a HOST, such as --serve=0.0.0.0:7007, other"
            + " machines can, too: anyone who has the printed URL, which contains a secret token."
      })
  private String address;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  /**
   * Listens, if that was asked for.
   *
   * @throws ParameterException if the address is none, or cannot be had
   */
  Optional<LiveServer> start() {
    Optional<LiveServer> server =
        Optional.ofNullable(address).map(text -> start(text, "--serve", spec));
    server.ifPresent(listening -> printUrl(listening, spec));
    return server;
  }

  /** Listens at an address, which stands behind an option. */
  static LiveServer start(String address, String option, CommandSpec spec) {
    try {
      return LiveServer.start(LiveAddress.parse(address));
    } catch (IllegalArgumentException | IOException unusable) {
      throw new ParameterException(
          spec.commandLine(), option + " " + unusable.getMessage(), unusable);
    }
  }

  /** Says where the page is. */
  static void printUrl(LiveServer server, CommandSpec spec) {
    spec.commandLine().getErr().println("live page: " + server.url());
    spec.commandLine().getErr().flush();
  }

  /** Without "=" there is no address: what comes next is the conf file. */
  static final class OnlyAttached implements IParameterPreprocessor {
    @Override
    public boolean preprocess(
        Stack<String> words, CommandSpec command, ArgSpec option, Map<String, Object> info) {
      if (!"=".equals(info.get("separator"))) {
        words.push(String.valueOf(LiveAddress.DEFAULT_PORT));
      }
      return false;
    }
  }
}
