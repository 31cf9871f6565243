package org.tbptt.sweep.cli;

import java.util.ArrayList;
import java.util.List;
import org.tbptt.sweep.config.SweepConfig;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The conf file and --set, for the commands that plan or run a sweep. */
final class ConfArguments {

  @Parameters(
      paramLabel = "CONF",
      arity = "0..1",
      defaultValue = "conf/toy.conf",
      description = {
        "The sweep's conf file, a path or a URI; conf/reference.conf explains every key."
            + " Default: ${DEFAULT-VALUE}."
      })
  private String conf;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = {
        "Overrides a setting of the conf file, such as --set sweep.training.epochs=1."
            + " May be repeated."
      })
  private List<String> settings = new ArrayList<>();

  SweepConfig load() {
    return SweepConfig.load(conf, settings);
  }
}
