package org.tbptt.model.core;

import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.tbptt.model.corpus.Window;
import org.tbptt.model.truncation.IntervalStyle;
import org.tbptt.model.truncation.RandomStyle;
import org.tbptt.model.truncation.TensorFlowStyle;
import org.tbptt.model.truncation.TrueStyle;
import org.tbptt.model.truncation.Truncation;

/**
 * One window whose loss and gradients were computed by an independent program in double precision.
 */
record GoldenCase(JsonNode json) {

  static Stream<GoldenCase> all() throws IOException, URISyntaxException {
    Path folder = Path.of(GoldenCase.class.getResource("/golden").toURI());
    List<GoldenCase> cases = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".json")).sorted().toList()) {
        try (InputStream stream = Files.newInputStream(file)) {
          cases.add(new GoldenCase(new ObjectMapper().readTree(stream)));
        }
      }
    }
    return cases.stream();
  }

  String style() {
    return json.at("/style/kind").asText();
  }

  int history() {
    return json.at("/history").asInt();
  }

  CoreConfig config() {
    return config(truncation());
  }

  private Truncation truncation() {
    int steps = json.at("/shape/T").asInt();
    boolean history = history() > 0;
    return switch (style()) {
      case "tf" -> new TensorFlowStyle(steps);
      case "true" -> new TrueStyle(json.at("/style/n").asInt(), steps, history);
      case "interval" ->
          new IntervalStyle(
              json.at("/style/k1").asInt(), json.at("/style/k2").asInt(), steps, history);
      case "random" -> new RandomStyle(json.at("/style/pi").asDouble(), steps);
      default -> throw new IllegalArgumentException(style());
    };
  }

  private CoreConfig config(Truncation truncation) {
    RnnShape shape =
        new RnnShape(
            json.at("/shape/V").asInt(),
            json.at("/shape/E").asInt(),
            json.at("/shape/H").asInt(),
            json.at("/shape/B").asInt(),
            truncation.seqLen());
    return CoreConfigs.with(
        CoreConfigs.of(shape, truncation),
        Cell.valueOf(json.at("/cell").asText().toUpperCase(Locale.ROOT)),
        json.at("/keep").asDouble(),
        Carry.STATE);
  }

  Map<Parameter, INDArray> parameters(DataType type) {
    return matrices("/params/", type);
  }

  Map<Parameter, INDArray> expectedGradients() {
    return matrices("/grads/", DataType.DOUBLE);
  }

  private Map<Parameter, INDArray> matrices(String group, DataType type) {
    RnnShape shape = config().shape();
    Map<Parameter, INDArray> matrices = new EnumMap<>(Parameter.class);
    for (Parameter parameter : Parameter.values()) {
      matrices.put(
          parameter,
          Nd4j.createFromArray(numbers(group + parameter.symbol()))
              .reshape(parameter.rows(shape), parameter.columns(shape))
              .castTo(type));
    }
    return matrices;
  }

  /**
   * Takes a core with these parameters to the start of the window, where there is history by way of
   * another core that reads its steps.
   *
   * @param open makes a core of these parameters, rounded as the one that is prepared
   */
  void prepare(RnnCore core, Function<CoreConfig, RnnCore> open) {
    INDArray state = core.readState();
    INDArray incoming = Nd4j.createFromArray(numbers("/h0")).reshape(state.shape());
    if (history() == 0) {
      core.writeState(incoming.castTo(state.dataType()));
      return;
    }
    RnnShape shape = config().shape();
    int before = history() * shape.batch();
    int[] nothing = new int[before];
    Arrays.fill(nothing, Window.PADDING);
    int[] tokens = Arrays.copyOf(integers("/tokens"), before);
    float[] output = new float[before * shape.hidden()];
    Arrays.fill(output, 1);
    float[] input = Arrays.copyOf(floats("/mask_in"), before * shape.embedding());
    try (RnnCore reader = open.apply(config(new TrueStyle(history() + 1, history(), true)))) {
      reader.writeState(incoming.castTo(state.dataType()));
      reader.train(
          new Window(history(), shape.batch(), tokens, nothing),
          new Draws.Given(input, output, null),
          0);
      try (CoreState read = reader.snapshot();
          CoreState empty = core.snapshot()) {
        Map<String, Long> counters = new TreeMap<>(read.counters());
        counters.put(CoreState.BPTT_STEPS, empty.counters().get(CoreState.BPTT_STEPS));
        core.restore(new CoreState(read.matrices(), counters));
      }
    }
  }

  double[] lastState() {
    return numbers("/last_h");
  }

  double expectedLoss() {
    return json.at("/loss").asDouble();
  }

  Window window() {
    RnnShape shape = config().shape();
    return new Window(
        shape.steps(),
        shape.batch(),
        afterHistory(integers("/tokens"), shape.batch()),
        integers("/targets"));
  }

  Draws draws() {
    RnnShape shape = config().shape();
    float[] input = floats("/mask_in");
    int before = history() * shape.batch() * shape.embedding();
    return new Draws.Given(
        Arrays.copyOfRange(input, before, input.length),
        floats("/mask_out"),
        style().equals("random") ? numbers("/style/xi") : null);
  }

  private int[] afterHistory(int[] tokens, int batch) {
    return Arrays.copyOfRange(tokens, history() * batch, tokens.length);
  }

  boolean hasLags() {
    return json.at("/lags/dh_norm").isArray();
  }

  /** phi of the lags 0 to n-1: the files have zeros beyond. */
  double[] expectedPhi() {
    return Arrays.copyOf(numbers("/lags/dh_norm"), json.at("/style/n").asInt());
  }

  double[] expectedWeightL1() {
    return Arrays.copyOf(numbers("/lags/W_l1"), json.at("/style/n").asInt());
  }

  private int[] integers(String at) {
    double[] numbers = numbers(at);
    int[] integers = new int[numbers.length];
    for (int i = 0; i < numbers.length; i++) {
      integers[i] = (int) numbers[i];
    }
    return integers;
  }

  private float[] floats(String at) {
    double[] numbers = numbers(at);
    float[] floats = new float[numbers.length];
    for (int i = 0; i < numbers.length; i++) {
      floats[i] = (float) numbers[i];
    }
    return floats;
  }

  private double[] numbers(String at) {
    List<Double> numbers = new ArrayList<>();
    flatten(json.at(at), numbers);
    return numbers.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private static void flatten(JsonNode node, List<Double> into) {
    if (node.isNumber()) {
      into.add(node.asDouble());
    } else {
      node.forEach(child -> flatten(child, into));
    }
  }

  @Override
  public String toString() {
    return json.at("/case").asText();
  }
}
