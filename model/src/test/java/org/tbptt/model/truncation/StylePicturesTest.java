package org.tbptt.model.truncation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The pictures of docs/truncation.md are drawn from the styles themselves; with -Dgolden.write=true
 * they are written anew. T = 6 and n = 3, as in the two figures of r2rt's "Styles of Truncated
 * Backpropagation".
 */
class StylePicturesTest {

  private static final Path FOLDER = Path.of("../docs/truncation");
  private static final int T = 6;
  private static final int N = 3;

  private static final Map<String, StylePicture> PICTURES = pictures();

  static Set<String> names() {
    return PICTURES.keySet();
  }

  @ParameterizedTest
  @MethodSource("names")
  void thePictureInTheDocumentIsTheOneDrawn(String name) throws IOException {
    Path file = FOLDER.resolve(name + ".svg");
    String drawn = PICTURES.get(name).svg();
    if (Boolean.getBoolean("golden.write")) {
      Files.createDirectories(FOLDER);
      Files.writeString(file, drawn);
    }

    assertThat(file)
        .as("docs/truncation/%s.svg: -Dgolden.write=true draws it anew", name)
        .hasContent(drawn);
  }

  @Test
  void everyPictureIsInTheDocumentAndNoOther() throws IOException {
    String document = Files.readString(Path.of("../docs/truncation.md"));
    Set<String> shown =
        Pattern.compile("\\]\\(truncation/([a-z-]+)\\.svg\\)")
            .matcher(document)
            .results()
            .map(match -> match.group(1))
            .collect(Collectors.toSet());

    assertThat(shown).isEqualTo(names());
    try (Stream<Path> files = Files.list(FOLDER)) {
      assertThat(files.map(file -> file.getFileName().toString().replace(".svg", "")))
          .containsExactlyInAnyOrderElementsOf(names());
    }
  }

  /** The lags that each of the six errors has, from its own step on: what the pictures show. */
  @ParameterizedTest
  @CsvSource({
    "tf,               1 2 3 1 2 3",
    "true,             1 2 3 3 3 3",
    "true-history,     3 3 3 3 3 3",
    "full,             1 2 3 4 5 6",
    "full-history,     7 8 9 10 11 12",
    "interval,         1 2 2 3 2 3",
    "interval-history, 2 3 2 3 2 3",
    "online,           3 3 3 3 3 3",
    "random,           1 2 3 4 5 6",
    "sentence,         1 2 1 2 3 3",
    "adaptive,         1 2 3 3 3 3",
  })
  void errorsReachAsManyStepsAsTheFormulaSays(String name, String steps) {
    String svg = PICTURES.get(name).svg();

    String drawn =
        Stream.of(svg.split(">error \\d<"))
            .skip(1) // what stands before the first row
            .map(row -> row.split("class=\"(even|odd)\"", -1).length - 1)
            .map(String::valueOf)
            .collect(Collectors.joining(" "));
    assertThat(drawn).isEqualTo(steps);
  }

  private static Map<String, StylePicture> pictures() {
    Map<String, StylePicture> pictures = new LinkedHashMap<>();
    pictures.put(
        "tf",
        picture(
            new TensorFlowStyle(N),
            "tf: n = 3",
            "Chunks: an error never leaves its window of 3 steps."));
    pictures.put(
        "true",
        picture(
            new TrueStyle(N, T),
            "true: n = 3, T = 6",
            "Each error goes back 3 steps, the first ones to the start of the window."));
    pictures.put(
        "true-history",
        picture(
            new TrueStyle(N, T, true),
            "true with history: n = 3, T = 6",
            "Each error goes back 3 steps: 2 of history are kept."));
    pictures.put(
        "full",
        picture(
            new FullStyle(T), "full: T = 6", "Each error goes back to the start of its window."));
    pictures.put(
        "full-history",
        picture(
            new FullStyle(T, true),
            "full with history: T = 6",
            "Each error goes back to the start of the window before."));
    pictures.put(
        "interval",
        picture(
            new IntervalStyle(2, N, T, false),
            "interval: k1 = 2, k2 = 3, T = 6",
            "One colour is one backward pass: two errors go back together."));
    pictures.put(
        "interval-history",
        picture(
            new IntervalStyle(2, N, T, true),
            "interval with history: k1 = 2, k2 = 3, T = 6",
            "The same, with k2 - k1 = 1 step of history."));
    pictures.put(
        "online",
        new StylePicture(
            new TrueStyle(N, T, true),
            "true with history and update-every = 1: n = 3, T = 6",
            "The optimiser steps after every step: BPTT(3; 1).",
            Set.of(),
            1));
    pictures.put(
        "random",
        picture(
            new RandomStyle(0.75, T),
            "random: pi = 0.75, T = 6",
            "Paler: the error is there less often, and longer when it is."));
    pictures.put(
        "sentence",
        new StylePicture(
            new SentenceStyle(N),
            "sentence: n = 3",
            "A sentence of 2 tokens and one of 4, each from a zero state (dashed).",
            Set.of(0, 2, T),
            0));
    pictures.put(
        "adaptive",
        picture(
            new AdaptiveStyle(0.1, N, T),
            "adaptive: delta = 0.1, n = 3 in this epoch, T = 6",
            "As true; the next epoch has an n of its own."));
    return pictures;
  }

  private static StylePicture picture(Truncation style, String title, String note) {
    return new StylePicture(style, title, note, Set.of(), 0);
  }
}
