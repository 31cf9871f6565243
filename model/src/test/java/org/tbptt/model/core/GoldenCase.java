package org.tbptt.model.core;

import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.tbptt.model.corpus.Window;
import org.tbptt.model.truncation.TensorFlowStyle;
import org.tbptt.model.truncation.TrueStyle;
import org.tbptt.model.truncation.Truncation;

/**
 * One window whose loss and gradients were computed by an independent program in double precision.
 */
record GoldenCase(JsonNode json) {

  /** The cases whose style is one of these, without history. */
  static Stream<GoldenCase> ofStyles(String... styles) throws IOException, URISyntaxException {
    Path folder = Path.of(GoldenCase.class.getResource("/golden").toURI());
    List<GoldenCase> cases = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".json")).sorted().toList()) {
        try (InputStream stream = Files.newInputStream(file)) {
          cases.add(new GoldenCase(new ObjectMapper().readTree(stream)));
        }
      }
    }
    return cases.stream()
        .filter(golden -> List.of(styles).contains(golden.style()) && golden.history() == 0);
  }

  String style() {
    return json.at("/style/kind").asText();
  }

  int history() {
    return json.at("/history").asInt();
  }

  CoreConfig config() {
    int steps = json.at("/shape/T").asInt();
    Truncation truncation =
        switch (style()) {
          case "tf" -> new TensorFlowStyle(steps);
          case "true" -> new TrueStyle(json.at("/style/n").asInt(), steps);
          default -> throw new IllegalArgumentException(style());
        };
    RnnShape shape =
        new RnnShape(
            json.at("/shape/V").asInt(),
            json.at("/shape/E").asInt(),
            json.at("/shape/H").asInt(),
            json.at("/shape/B").asInt(),
            steps);
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

  double[] incomingState() {
    return numbers("/h0");
  }

  double[] lastState() {
    return numbers("/last_h");
  }

  double expectedLoss() {
    return json.at("/loss").asDouble();
  }

  Window window() {
    RnnShape shape = config().shape();
    return new Window(shape.steps(), shape.batch(), integers("/tokens"), integers("/targets"));
  }

  Draws draws() {
    return new Draws.Given(floats("/mask_in"), floats("/mask_out"), null);
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
