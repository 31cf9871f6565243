package org.tbptt.sweep.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every kind of mistake in a conf file, with all that the user is told. */
class InvalidConfTest {

  @TempDir Path folder;

  /** Each is the third line of a conf file that is right otherwise. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      textBlock =
          """
          sweep.model.stat-size = 5        | sweep.model.stat-size = 5: unknown key; did you mean sweep.model.state-size?
          sweep.modl { cell = relu }       | sweep.modl = {"cell":"relu"}: unknown key; did you mean sweep.model?
          model.cell = relu                | model = {"cell":"relu"}: unknown key; did you mean sweep.model?
          sweep.colour = red               | sweep.colour = red: unknown key; conf/reference.conf lists every key
          sweep.training.learning-rate = 1 | sweep.training.learning-rate = 1: unknown key; did you mean sweep.grid.learning-rate?
          sweep.grid.state-size = [1]      | sweep.grid.state-size = [1]: unknown key; did you mean sweep.grid.model.state-size?
          sweep.grid."model.sate-size" = 1 | sweep.grid.model.sate-size = 1: unknown key; did you mean sweep.grid.model.state-size?
          sweep.model = 5                  | sweep.model = 5: must be a section, sweep.model { ... }
          sweep.name = " "                 | sweep.name = " ": must be text without line breaks or other control characters
          sweep.name = ""                  | sweep.name = "": must be text without line breaks or other control characters
          sweep.name = [a]                 | sweep.name = ["a"]: must be text without line breaks or other control characters
          sweep.corpus.kind = tpy          | sweep.corpus.kind = tpy: must be toy, ptb or text
          sweep.corpus.path = data         | sweep.corpus.path = data: is for sweep.corpus.kind = ptb, not for toy
          sweep.corpus.lags = 3            | sweep.corpus.lags = [3]: must be two different whole numbers, at least 1 each
          sweep.corpus.lags = [3, x]       | sweep.corpus.lags = x: must be a whole number
          sweep.corpus.train-length = 0    | sweep.corpus.train-length = 0: must be at least 1 and at most 2147483631
          sweep.model.state-size = 0       | sweep.model.state-size = 0: must be at least 1
          sweep.model.layers = 0           | sweep.model.layers = 0: must be from 1 to 8
          sweep.model.layers = 9           | sweep.model.layers = 9: must be from 1 to 8
          sweep.model.init-scale = 0       | sweep.model.init-scale = 0: must be a finite number more than 0
          sweep.model.forget-bias = 2      | sweep.model.forget-bias = 2: must be 1, the default, unless cell = lstm
          sweep.training.schedule.after = -1 | sweep.training.schedule.after = -1: must be at least 0
          sweep.model.state-size = [5, 6]  | sweep.model.state-size = [5,6]: must be a whole number; several values make an axis: sweep.grid.model.state-size = [5,6]
          sweep.model.state-size = {a = 1} | sweep.model.state-size = {"a":1}: must be a whole number
          sweep.model.state-size = null    | sweep.model.state-size = null: must be a whole number
          sweep.model.embed-size = 5.5     | sweep.model.embed-size = 5.5: must be a whole number
          sweep.model.embed-size = true    | sweep.model.embed-size = true: must be a whole number
          sweep.model.embed-size = 3000000000 | sweep.model.embed-size = 3000000000: must be a whole number from -2147483648 to 2147483647
          sweep.model.embed-size = "1e999999999" | sweep.model.embed-size = 1e999999999: must be a whole number from -2147483648 to 2147483647
          sweep.model.keep-prob = 0        | sweep.model.keep-prob = 0: must be more than 0 and at most 1
          sweep.model.keep-prob = 1.5      | sweep.model.keep-prob = 1.5: must be more than 0 and at most 1
          sweep.model.keep-prob = most     | sweep.model.keep-prob = most: must be a number
          sweep.model.init = xavier        | sweep.model.init = xavier: must be uniform-unit-scaling, glorot, orthogonal, identity or uniform
          sweep.model.carry = none         | sweep.model.carry = none: must be state or post-dropout
          sweep.model.cell = LSTM          | sweep.model.cell = LSTM: must be tanh, relu, identity, lstm or gru
          sweep.training.epochs = 0        | sweep.training.epochs = 0: must be at least 1
          sweep.training.batch-size = -1   | sweep.training.batch-size = -1: must be at least 1
          sweep.training.optimizer = rms   | sweep.training.optimizer = rms: must be sgd, momentum, adam or rmsprop
          sweep.training.update-every = -1 | sweep.training.update-every = -1: must be 0 (once per window) or more
          sweep.training.momentum = 1      | sweep.training.momentum = 1: must be at least 0 and less than 1
          sweep.training.rms-decay = -0.1  | sweep.training.rms-decay = -0.1: must be at least 0 and less than 1
          sweep.training.schedule = step   | sweep.training.schedule = step: must be a section, sweep.training.schedule { ... }
          sweep.training.schedule.kind = x | sweep.training.schedule.kind = x: must be constant, step or exponential
          sweep.training.schedule.factor = 0 | sweep.training.schedule.factor = 0: must be more than 0 and at most 1
          sweep.grid."training.schedule.epochs" = 0 | sweep.grid.training.schedule.epochs = 0: must be at least 1
          sweep.training.schedule.facto = 1 | sweep.training.schedule.facto = 1: unknown key; did you mean sweep.training.schedule.factor?
          sweep.training.normalisation = x | sweep.training.normalisation = x: must be mean, r2rt or batch
          sweep.training.clip-norm = -1    | sweep.training.clip-norm = -1: must be a finite number, 0 (no clipping) or more
          sweep.training.engine = torch    | sweep.training.engine = torch: must be auto, native, nd4j or dl4j
          sweep.training.precision = fp64  | sweep.training.precision = fp64: must be fp32, bf16 or bf16x2
          sweep.diagnostics.windows = -1   | sweep.diagnostics.windows = -1: must be 0 (nothing is measured) or more
          sweep.diagnostics.max-lag = 0    | sweep.diagnostics.max-lag = 0: must be from 1 to 32768
          sweep.diagnostics.horizon = 50   | sweep.diagnostics.horizon = 50: must be 0 (twice max-lag) or more than max-lag = 50 and at most 65536
          sweep.diagnostics.lags = 50      | sweep.diagnostics.lags = 50: unknown key; did you mean sweep.corpus.lags?
          sweep.grid."diagnostics.windows" = 4 | sweep.grid.diagnostics.windows = 4: unknown key; did you mean sweep.diagnostics.windows?
          sweep.stopping.kind = asha       | sweep.stopping.kind = asha: must be none, patience, median or successive-halving
          sweep.stopping.min-epochs = 0    | sweep.stopping.min-epochs = 0: must be at least 1
          sweep.stopping.factor = 1        | sweep.stopping.factor = 1: must be at least 2
          sweep.stopping.factor = 2.5      | sweep.stopping.factor = 2.5: must be a whole number
          sweep.stopping.patience = 0      | sweep.stopping.patience = 0: must be at least 1
          sweep.stopping.min-delta = -1    | sweep.stopping.min-delta = -1: must be a finite number, 0 or more
          sweep.stopping.factr = 2         | sweep.stopping.factr = 2: unknown key; did you mean sweep.stopping.factor?
          sweep.stopping = median          | sweep.stopping = median: must be a section, sweep.stopping { ... }
          sweep.stopping { kind = median, min-epochs = 11 } | sweep.stopping.min-epochs = 11: must be at most sweep.training.epochs = 10
          sweep.stopping { kind = median, min-epochs = 4 }, sweep.grid."training.epochs" = [2, 3] | sweep.stopping.min-epochs = 4: must be at most sweep.grid.training.epochs = [2,3]
          sweep.search { kind = random, trials = 4 }, sweep.stopping { kind = median, min-epochs = 4 }, sweep.grid."training.epochs" { min = 2, max = 3 } | sweep.stopping.min-epochs = 4: must be at most sweep.grid.training.epochs.max = 3
          sweep.grid."stopping.factor" = 4 | sweep.grid.stopping.factor = 4: unknown key; did you mean sweep.stopping.factor?
          sweep.search.kind = bayes        | sweep.search.kind = bayes: must be grid, random, sobol or tpe
          sweep.search.trials = 0          | sweep.search.trials = 0: must be at least 1
          sweep.search.parallel = 0        | sweep.search.parallel = 0: must be at least 1
          sweep.search.startup = 0         | sweep.search.startup = 0: must be at least 1
          sweep.search.seed = 0.5          | sweep.search.seed = 0.5: must be a whole number
          sweep.search.trial = 5           | sweep.search.trial = 5: unknown key; did you mean sweep.search.trials?
          sweep.search = tpe               | sweep.search = tpe: must be a section, sweep.search { ... }
          sweep.search { kind = tpe, trials = 10 } | sweep.search.trials = 10: must be more than startup = 10 for kind = tpe; else use kind = random
          sweep.search { kind = tpe, trials = 11, parallel = 11 } | sweep.search.trials = 11: must be more than parallel = 11 for kind = tpe; else every candidate is drawn at random
          sweep.search.kind = random, sweep.grid.style = tf | sweep.search.kind = random: must be grid: no axis of sweep.grid has several values or a range
          sweep.grid."search.seed" = 4     | sweep.grid.search.seed = 4: unknown key; did you mean sweep.search.seed?
          sweep.budget.epochs = -1         | sweep.budget.epochs = -1: must be at least 1, or 0 for no limit
          sweep.budget.hours = -1          | sweep.budget.hours = -1: must be more than 0, or 0 for no limit
          sweep.grid.learning-rate { min = 1e-4, max = 1e-2 } | sweep.grid.learning-rate = {"max":0.01,"min":1.0E-4}: a grid needs a list of values; for a range set sweep.search.kind = random, sobol or tpe
          sweep.grid.learning-rate { min = 1e-4 } | sweep.grid.learning-rate = {"min":1.0E-4}: a range must have min and max
          sweep.grid.learning-rate { min = 1, max = 2, base = 2 } | sweep.grid.learning-rate = {"base":2,"max":2,"min":1}: a range has no base; it has min, max, scale and step
          sweep.grid.learning-rate { min = 2, max = 2 } | sweep.grid.learning-rate.min = 2: must be less than max = 2
          sweep.grid.learning-rate { min = 0, max = 2, scale = log } | sweep.grid.learning-rate.min = 0: must be more than 0 with scale = log
          sweep.grid.learning-rate { min = 1, max = 2, scale = ln } | sweep.grid.learning-rate.scale = ln: must be linear or log
          sweep.grid.learning-rate { min = 1, max = 2, step = 0 } | sweep.grid.learning-rate.step = 0: must be more than 0
          sweep.grid.learning-rate { min = 1, max = 2, step = 1.5 } | sweep.grid.learning-rate.step = 1.5: must be at most max - min
          sweep.grid.learning-rate { min = 1, max = 4, step = 1.5, scale = log } | sweep.grid.learning-rate.step = 1.5: must be left out with scale = log, which has every number, or every whole number
          sweep.grid.learning-rate { min = a, max = 2 } | sweep.grid.learning-rate.min = a: must be a number
          sweep.grid.learning-rate = [{min = 1, max = 2}] | sweep.grid.learning-rate = {"max":2,"min":1}: must be a number
          sweep.grid."model.layers" { min = 1, max = 2.5 } | sweep.grid.model.layers.max = 2.5: must be a whole number
          sweep.grid."model.cell" { min = 1, max = 2 } | sweep.grid.model.cell = {"max":2,"min":1}: must be a value or a list: only numbers have ranges
          sweep.search.kind = random, sweep.grid."model.layers" { min = 1, max = 9 } | sweep.grid.model.layers = 9: must be from 1 to 8
          sweep.search.kind = random, sweep.grid."model.keep-prob" { min = 0, max = 1 } | sweep.grid.model.keep-prob = 0: must be more than 0 and at most 1
          sweep.search.kind = random, sweep.grid.learning-rate { min = 0, max = 1 } | sweep.grid.learning-rate = 0: must be a finite number more than 0
          sweep.grid.learning-rate = [0]   | sweep.grid.learning-rate = 0: must be a finite number more than 0
          sweep.grid.learning-rate = "1e400" | sweep.grid.learning-rate = Infinity: must be a finite number more than 0
          sweep.grid.learning-rate = 1e400 | sweep.grid.learning-rate = Infinity: must be a number
          sweep.grid.learning-rate = NaN   | sweep.grid.learning-rate = NaN: must be a number
          sweep.grid.learning-rate = [[1]] | sweep.grid.learning-rate = [1]: must be a number
          sweep.grid.seed = []             | sweep.grid.seed = []: must have at least one value
          sweep.grid.seed = [9e99]         | sweep.grid.seed = 9.0E99: must be a whole number from -9223372036854775808 to 9223372036854775807
          sweep.grid."model.cell" = []     | sweep.grid.model.cell = []: must have at least one value
          sweep.grid."model.cell" = [rnn]  | sweep.grid.model.cell = rnn: must be tanh, relu, identity, lstm or gru
          sweep.grid."model.keep-prob" = 2 | sweep.grid.model.keep-prob = 2: must be more than 0 and at most 1
          sweep.grid.style = [treu]        | sweep.grid.style = treu: must be tf, true, full, interval, random, sentence or adaptive
          sweep.grid.style = [[tf]]        | sweep.grid.style = ["tf"]: must be tf, true, full, interval, random, sentence or adaptive
          sweep.grid.style = {kind = treu} | sweep.grid.style.kind = treu: must be tf, true, full, interval, random, sentence or adaptive
          sweep.grid.style = {k1 = 2}      | sweep.grid.style = {"k1":2}: has no kind, such as {kind = interval, k1 = 2, k2 = 8}
          sweep.grid.style = interval      | sweep.grid.style = interval: has no k1: must be {kind = interval, k1 = ...}
          sweep.grid.style = {kind = random} | sweep.grid.style = {"kind":"random"}: has no pi: must be {kind = random, pi = ...}
          sweep.grid.style = {kind = interval, k1 = 2, k3 = 8} | sweep.grid.style.k3 = 8: unknown key; interval has kind, k1, k2, seq-len, history and update-every
          sweep.grid.style = {kind = sentence, seq-len = 8} | sweep.grid.style.seq-len = 8: unknown key; sentence has kind, bptt-steps and update-every
          sweep.grid.style = {kind = tf, history = true} | sweep.grid.style.history = true: tf has no history; true, full and interval have it, as in {kind = interval, k1 = ..., k2 = ..., history = true}
          sweep.grid.style = {kind = true, history = 1} | sweep.grid.style.history = 1: must be true or false
          sweep.grid.style = {kind = true, n = 2, bptt-steps = 2} | sweep.grid.style.n = 2: is the same setting as sweep.grid.style.bptt-steps; give only one
          sweep.grid.style = {kind = true, n = 25} | sweep.grid.style.n = 25: must be at most seq-len = 20; an error cannot go back past the start of its window without history
          sweep.grid.style = {kind = interval, k1 = 0} | sweep.grid.style.k1 = 0: must be at least 1
          sweep.grid.style = {kind = interval, k1 = 1.5} | sweep.grid.style.k1 = 1.5: must be a whole number
          sweep.grid.style = {kind = interval, k1 = []} | sweep.grid.style.k1 = []: must have at least one value
          sweep.grid.style = {kind = interval, k1 = 4, k2 = 2} | sweep.grid.style.k1 = 4: must be at most k2 = 2; a backward pass goes at least over the errors that it injects
          sweep.grid.style = {kind = interval, k1 = [2, 3]} | sweep.grid.style.k1 = 3: must divide seq-len = 20; a window is cut into pieces of k1 steps
          sweep.grid.style = {kind = interval, k1 = 2, k2 = 30} | sweep.grid.style.k2 = 30: must be at most seq-len = 20; an error cannot go back past the start of its window without history
          sweep.grid.style = {kind = random, pi = 0} | sweep.grid.style.pi = 0: must be more than 0 and at most 1
          sweep.grid.style = {kind = random, pi = [1, 1.5]} | sweep.grid.style.pi = 1.5: must be more than 0 and at most 1
          sweep.grid.style = {kind = adaptive, delta = 0} | sweep.grid.style.delta = 0: must be a finite number more than 0
          sweep.grid.style = {kind = adaptive, delta = 0.1, x = 1} | sweep.grid.style.x = 1: unknown key; adaptive has kind, delta, bptt-steps, seq-len and update-every
          sweep.grid.style = {kind = true, update-every = 3} | sweep.grid.style.update-every = 3: must divide the 20 steps of a window
          sweep.training.engine = dl4j, sweep.grid.style = true | sweep.grid.style = true: must be tf for training.engine = dl4j
          sweep.training.normalisation = r2rt, sweep.grid.style = sentence | sweep.training.normalisation = r2rt: must be mean or batch for style = sentence, whose windows have no common seq-len
          sweep.training.update-every = 2, sweep.grid.style = sentence | sweep.training.update-every = 2: must be 0, once per window, for style = sentence
          sweep.training.update-every = 2, sweep.grid.style = {kind = interval, k1 = 4, k2 = 8} | sweep.training.update-every = 2: must be a multiple of k1 = 4
          sweep.training.update-every = 3  | sweep.training.update-every = 3: must divide the 20 steps of a window
          sweep.grid."training.update-every" = 40 | sweep.grid.training.update-every = 40: must divide the 20 steps of a window
          sweep.grid.truncation = [5]      | sweep.grid.truncation = 5: must be {bptt-steps = ..., seq-len = ...}
          sweep.grid { truncation = [5], style = {kind = tf, n = 5} } | sweep.grid.truncation = 5: must be {bptt-steps = ..., seq-len = ...}
          sweep.grid.truncation = [{bptt-steps = 5}] | sweep.grid.truncation = {"bptt-steps":5}: must be {bptt-steps = ..., seq-len = ...}
          sweep.grid.truncation = [{bptt-step = 5, seq-len = 6}] | sweep.grid.truncation = {"bptt-step":5,"seq-len":6}: must be {bptt-steps = ..., seq-len = ...}
          sweep.grid.truncation = [{bptt-steps = 0, seq-len = 5}] | sweep.grid.truncation.bptt-steps = 0: must be at least 1
          sweep.grid.truncation = [{bptt-steps = 7, seq-len = 5}] | sweep.grid.truncation.bptt-steps = 7: must be at most seq-len = 5; an error cannot go back past the start of its window without history
          """)
  void mistakesAreNamedWithTheirPlace(String line, String message) {
    assertThat(message(ConfFiles.SMALLEST + line)).isEqualTo(message + " (%s line 3)");
  }

  @Test
  void whatHasNoDefaultIsAskedFor() {
    String help = " is not set: it has no default, see conf/reference.conf (%s)";

    assertThat(message("sweep.name = a")).isEqualTo("sweep.grid.truncation" + help);
    assertThat(message("")).isEqualTo("sweep.name" + help);
    assertThat(message(ConfFiles.SMALLEST + "sweep.corpus { kind = text, train = a, valid = b }"))
        .isEqualTo("sweep.corpus.test" + help);
  }

  @ParameterizedTest
  @CsvSource({"''", "'path = ${?PTB_DIR}'", "'path = \"\"'"})
  void withoutItsFolderPennTreebankIsPointedTo(String path) {
    assertThat(message(ConfFiles.SMALLEST + "sweep.corpus { kind = ptb\n" + path + "}"))
        .isEqualTo(
            "sweep.corpus.path is not set: it is the folder of ptb.train.txt, ptb.valid.txt and"
                + " ptb.test.txt, from the environment variable PTB_DIR (conf/ptb.conf) or"
                + " --set sweep.corpus.path=FOLDER; the files come in simple-examples.tgz,"
                + " folder simple-examples/data, on Mikolov's rnnlm page"
                + " https://www.fit.vutbr.cz/~imikolov/rnnlm/ (%s)");
  }

  @Test
  void aDefaultIsNamedWithTheFileThatDocumentsIt() {
    assertThat(message(ConfFiles.SMALLEST + "sweep.training.engine = dl4j"))
        .matches(
            "sweep\\.grid\\.style = true: must be tf for training\\.engine = dl4j"
                + " \\(conf/reference\\.conf line \\d+\\)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"cell = lstm", "cell = gru", "layers = 2"})
  void aStateIsCarriedAfterDropoutInOneLayerWithoutGatesOnly(String network) {
    assertThat(
            message(
                ConfFiles.SMALLEST
                    + "sweep.model { carry = post-dropout, keep-prob = 0.5, "
                    + network
                    + " }"))
        .isEqualTo(
            "sweep.model.carry = post-dropout: must be state for a cell with gates and for more than"
                + " one layer (%s line 3)");
  }

  @Test
  void adaptiveNeedsHeldWindows() {
    assertThat(
            message(
                ConfFiles.SMALLEST
                    + "sweep.diagnostics.windows = 0\n"
                    + "sweep.grid.style = {kind = adaptive, delta = 0.1}"))
        .isEqualTo(
            "sweep.diagnostics.windows = 0: must be at least 1 for style = adaptive, which chooses"
                + " bptt-steps from these measurements (%s line 3)");
  }

  @Test
  void aNumberThatAStyleTakesFromThePairIsNamedAsThePairs() {
    assertThat(message(ConfFiles.SMALLEST + "sweep.grid.style = {kind = true, seq-len = 4}"))
        .isEqualTo(
            "sweep.grid.truncation.bptt-steps = 5: must be at most seq-len = 4; an error cannot go back"
                + " past the start of its window without history (%s line 2)");
  }

  @Test
  void anAxisWrittenTwiceIsRejected() {
    assertThat(
            message(
                ConfFiles.SMALLEST
                    + "sweep.grid.model.cell = relu\nsweep.grid.\"model.cell\" = tanh"))
        .startsWith("sweep.grid.model.cell = ")
        .contains(": is set twice; the other value is ", "(%s line 3)", "(%s line 4)");
  }

  @Test
  void badHoconIsRejectedWithItsLine() {
    assertThat(message("sweep {\n  name = a\n  grid {\n"))
        .isEqualTo(
            "not valid HOCON: expecting a close parentheses ')' here, not: end of file (%s line 4)");
  }

  @Test
  void unresolvedVariablesAreRejected() {
    assertThat(message(ConfFiles.SMALLEST + "sweep.training.epochs = ${NO_SUCH_THING}"))
        .isEqualTo("Could not resolve substitution to a value: ${NO_SUCH_THING} (%s line 3)");
  }

  @Test
  void messagesAreOneLine() {
    assertThat(message("sweep.name = \"\"\"a\nb\"\"\""))
        .isEqualTo(
            "sweep.name = a b: must be text without line breaks or other control characters"
                + " (%s line 2)");
  }

  /** Rows are in folders of the sweep's name, and a folder's name has 255 bytes at most. */
  @ParameterizedTest
  @CsvSource({"a, 249, 1", "\u00E9, 124, 2", "\uFF5E, 83, 3", "':', 83, 3", "%, 83, 3"})
  void aNameIsNoLongerThanAFoldersCanBe(String character, int most, int bytes) {
    String longest = "sweep.name = \"" + character.repeat(most) + "\"\n";
    String longer = "sweep.name = \"" + character.repeat(most + 1) + "\"\n";

    assertThat(ConfFiles.load(ConfFiles.write(folder, pair(longest)), Map.of()).name())
        .hasSize(most);
    assertThat(message(pair(longer)))
        .isEqualTo(
            "sweep.name = %s: must be at most 249 bytes as the name of a folder, has %d (%s line 1)",
            most + 1 > 100 ? character.repeat(100) + "..." : character.repeat(most + 1),
            (most + 1) * bytes,
            "%s");
  }

  @Test
  void aLongValueIsShownByItsBeginning() {
    assertThat(message(ConfFiles.SMALLEST + "sweep.model.cell = " + "relu".repeat(100)))
        .isEqualTo(
            "sweep.model.cell = %s...: must be tanh, relu, identity, lstm or gru (%s line 3)",
            "relu".repeat(25), "%s");
  }

  @Test
  void aMissingFileIsNamed() {
    Path nowhere = folder.resolve("nowhere.conf");

    assertThatExceptionOfType(InvalidConfException.class)
        .isThrownBy(() -> ConfFiles.load(nowhere, Map.of()))
        .withMessage("conf file " + nowhere + ": there is no such file");
  }

  @Test
  void aFolderIsNoConfFile() {
    assertThatExceptionOfType(InvalidConfException.class)
        .isThrownBy(() -> ConfFiles.load(folder, Map.of()))
        .withMessage("conf file " + folder + ": is a folder");
  }

  private static String pair(String name) {
    return name + "sweep.grid.truncation = {bptt-steps = 5, seq-len = 20}";
  }

  /** What the user is told about such a file, with %s for its name. */
  private String message(String text) {
    Path file = ConfFiles.write(folder, text);
    return assertThatExceptionOfType(InvalidConfException.class)
        .isThrownBy(() -> ConfFiles.trials(ConfFiles.load(file, Map.of())))
        .actual()
        .getMessage()
        .replace(file.toString(), "%s");
  }
}
