package org.tbptt.bench.pytorch;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.pytorch.global.torch;

/**
 * Trains when told to. Arguments: V E H B keep CELL LAYERS. Each line of standard input, {@code
 * STEPS PRECISION SECONDS} (precision fp32 or bf16), is answered by a line {@code WINDOWS SECONDS}:
 * how many windows were trained and what they took. The first line of all is the version.
 */
public final class TorchBench {

  private TorchBench() {}

  private static String version() {
    Matcher version =
        Pattern.compile("TORCH_VERSION=([^, ]+)").matcher(torch.show_config().getString());
    return version.find() ? version.group(1) : "of an unknown version";
  }

  public static void main(String[] arguments) throws IOException {
    Sizes sizes =
        new Sizes(
            Integer.parseInt(arguments[0]),
            Integer.parseInt(arguments[1]),
            arguments[5],
            Integer.parseInt(arguments[6]),
            Integer.parseInt(arguments[2]),
            Integer.parseInt(arguments[3]),
            Double.parseDouble(arguments[4]));
    torch.set_num_threads(1);
    torch.manual_seed(1);
    RandomGenerator random = RandomGenerator.of("L64X128MixRandom");
    Map<String, LanguageModel> models = new HashMap<>();
    System.out.println(version());
    BufferedReader requests =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    for (String line = requests.readLine(); line != null; line = requests.readLine()) {
      String[] words = line.split(" ", -1);
      LanguageModel model =
          models.computeIfAbsent(
              words[0] + words[1],
              name ->
                  new LanguageModel(sizes, Integer.parseInt(words[0]), words[1].equals("bf16")));
      System.out.println(answer(model, Double.parseDouble(words[2]), random));
    }
  }

  private static String answer(LanguageModel model, double seconds, RandomGenerator random) {
    long from = System.nanoTime();
    double took;
    int windows = 0;
    try {
      do {
        model.train(random);
        windows++;
        took = (System.nanoTime() - from) * 1e-9;
      } while (took < seconds);
    } catch (RuntimeException unsupported) { // oneDNN has no bf16 LSTM for some processors
      return "failed: " + unsupported.getMessage().lines().findFirst().orElse("");
    }
    return String.format(Locale.ROOT, "%d %.9f", windows, took);
  }
}
