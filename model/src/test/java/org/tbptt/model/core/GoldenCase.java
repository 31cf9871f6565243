package org.tbptt.model.core;

import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
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

  /** One layer without gates. */
  static Stream<GoldenCase> all() throws IOException, URISyntaxException {
    return in("/golden");
  }

  /** Gated cells and stacks. */
  static Stream<GoldenCase> cells() throws IOException, URISyntaxException {
    return in("/golden-cells");
  }

  static Stream<GoldenCase> allWithLags() throws IOException, URISyntaxException {
    return all().filter(GoldenCase::hasLags);
  }

  static Stream<GoldenCase> cellsWithLags() throws IOException, URISyntaxException {
    return cells().filter(GoldenCase::hasLags);
  }

  private static Stream<GoldenCase> in(String name) throws IOException, URISyntaxException {
    Path folder = Path.of(GoldenCase.class.getResource(name).toURI());
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
    boolean stack = json.has("layers");
    RnnModel model =
        new RnnModel(
            Cell.valueOf(json.at("/cell").asText().toUpperCase(Locale.ROOT)),
            stack ? json.at("/layers").asInt() : 1,
            json.at("/shape/H").asInt(),
            json.at("/shape/E").asInt(),
            stack ? 1 : json.at("/keep").asDouble(), // masks are given
            Initialiser.GLOROT,
            1,
            1,
            Carry.STATE);
    return CoreConfigs.of(
        json.at("/shape/V").asInt(),
        json.at("/shape/B").asInt(),
        model,
        truncation,
        truncation.seqLen());
  }

  Map<Parameter, INDArray> parameters(DataType type) {
    return matrices("/params/", type);
  }

  Map<Parameter, INDArray> expectedGradients() {
    return matrices("/grads/", DataType.DOUBLE);
  }

  private Map<Parameter, INDArray> matrices(String group, DataType type) {
    RnnShape shape = config().shape();
    Map<Parameter, INDArray> matrices = new TreeMap<>();
    for (Parameter parameter : shape.parameters()) {
      matrices.put(
          parameter,
          Nd4j.createFromArray(numbers(group + name(parameter)))
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
    if (history() == 0) {
      core.writeState(incoming(core));
      return;
    }
    RnnShape shape = config().shape();
    int before = history() * shape.batch();
    int[] nothing = new int[before];
    Arrays.fill(nothing, Window.PADDING);
    int[] tokens = Arrays.copyOf(integers("/tokens"), before);
    try (RnnCore reader = open.apply(config(new TrueStyle(history() + 1, history(), true)))) {
      reader.writeState(incoming(reader));
      reader.train(
          new Window(history(), shape.batch(), tokens, nothing),
          new Draws.Given(masks(0, history()), null),
          0);
      try (CoreState read = reader.snapshot();
          CoreState empty = core.snapshot()) {
        Map<String, Long> counters = new TreeMap<>(read.counters());
        counters.put(CoreState.BPTT_STEPS, empty.counters().get(CoreState.BPTT_STEPS));
        core.restore(new CoreState(read.matrices(), counters));
      }
    }
  }

  /** h0 and c0, in the core's own type. */
  private Map<String, INDArray> incoming(RnnCore core) {
    Map<String, INDArray> state = core.readState();
    state.replaceAll((name, own) -> state("h0", "c0", name, own.shape()).castTo(own.dataType()));
    return state;
  }

  /** The state after the window, by name, (B,H) each. */
  Map<String, INDArray> lastState() {
    RnnShape shape = config().shape();
    Map<String, INDArray> state = new TreeMap<>();
    for (String name : shape.states()) {
      state.put(name, state("last_h", "last_c", name, shape.batch(), shape.hidden()));
    }
    return state;
  }

  private INDArray state(String h, String c, String name, long... shape) {
    RnnShape network = config().shape();
    for (int layer = 1; layer <= network.layers(); layer++) {
      String place = json.has("layers") ? "/" + (layer - 1) : "";
      if (name.equals(CoreState.hidden(layer))) {
        return Nd4j.createFromArray(numbers("/" + h + place)).reshape(shape);
      }
      if (name.equals(CoreState.cell(layer))) {
        return Nd4j.createFromArray(numbers("/" + c + place)).reshape(shape);
      }
    }
    throw new IllegalArgumentException(name);
  }

  private String name(Parameter parameter) {
    return json.has("layers") && parameter.layer() > 0
        ? (parameter.kind() == Parameter.Kind.RECURRENT ? "W" : "b") + parameter.layer()
        : parameter.symbol();
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
    return new Draws.Given(
        masks(history(), history() + config().shape().steps()),
        style().equals("random") ? numbers("/style/xi") : null);
  }

  /** Of the steps from..to-1, history counted; the output's masks begin with the window. */
  private List<float[]> masks(int from, int to) {
    RnnShape shape = config().shape();
    List<float[]> masks = new ArrayList<>();
    for (int layer = 0; layer <= shape.layers(); layer++) {
      int step = shape.batch() * shape.maskWidth(layer);
      String name = json.has("masks") ? "/masks/" + layer : layer == 0 ? "/mask_in" : "/mask_out";
      float[] mask = floats(name);
      int first = from;
      if (name.equals("/mask_out")) {
        if (from < history()) {
          mask = new float[history() * step];
          Arrays.fill(mask, 1);
        } else {
          first = from - history();
        }
      }
      masks.add(Arrays.copyOfRange(mask, first * step, (first + to - from) * step));
    }
    return masks;
  }

  private int[] afterHistory(int[] tokens, int batch) {
    return Arrays.copyOfRange(tokens, history() * batch, tokens.length);
  }

  boolean hasLags() {
    return json.at("/lags/W_l1").isArray();
  }

  /** phi of the lags 0 to n-1: the files have zeros beyond. */
  double[] expectedPhi() {
    String name = json.has("layers") ? "/lags/phi" : "/lags/dh_norm";
    return Arrays.copyOf(numbers(name), json.at("/style/n").asInt());
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
