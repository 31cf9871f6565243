package org.tbptt.bench;

import java.util.List;
import org.tbptt.model.core.Cell;
import org.tbptt.model.truncation.FullStyle;
import org.tbptt.model.truncation.TensorFlowStyle;
import org.tbptt.model.truncation.TrueStyle;
import org.tbptt.model.truncation.Truncation;

/** Everything that is measured. */
final class Workloads {

  static final Workload TF_5 = languageModel("tf 5", new TensorFlowStyle(5));
  static final Workload TF_20 = languageModel("tf 20", new TensorFlowStyle(20));
  static final Workload TRUE_5_OF_20 = languageModel("true 5 of 20", new TrueStyle(5, 20));
  static final Workload TF_40 = languageModel("tf 40", new TensorFlowStyle(40));
  static final Workload TRUE_20_OF_40 = languageModel("true 20 of 40", new TrueStyle(20, 40));

  /** r2rt's experiment on Penn Treebank. */
  static final List<Workload> LANGUAGE_MODEL =
      List.of(TF_5, TF_20, TRUE_5_OF_20, TF_40, TRUE_20_OF_40);

  /** Those that other libraries can do. */
  static final List<Workload> ONE_PASS = List.of(TF_5, TF_20, TF_40);

  static final Workload TIMING_TF = timingTest(new TensorFlowStyle(40));
  static final Workload TIMING_TRUE = timingTest(new TrueStyle(20, 40));

  /**
   * r2rt's comparison of the two styles' time: the gradients of one window, with the defaults of
   * that program for what its text does not say (Penn Treebank's vocabulary, E = 50).
   */
  static final List<Workload> TIMING_TEST = List.of(TIMING_TF, TIMING_TRUE);

  static final Workload SMALL_1 = smallVocabulary("true 1 of 100", new TrueStyle(1, 100));
  static final Workload SMALL_10 = smallVocabulary("true 10 of 100", new TrueStyle(10, 100));
  static final Workload SMALL_50 = smallVocabulary("true 50 of 100", new TrueStyle(50, 100));
  static final Workload SMALL_FULL = smallVocabulary("full 100", new FullStyle(100));

  /** A vocabulary so small that the recurrence dominates. */
  static final List<Workload> SMALL_VOCABULARY = List.of(SMALL_1, SMALL_10, SMALL_50, SMALL_FULL);

  static final Workload LSTM_200 =
      gated("lstm 2x200 tf 20", Cell.LSTM, 2, 200, new TensorFlowStyle(20), 1);
  static final Workload LSTM_200_TRUE =
      gated("lstm 2x200 true 10 of 20", Cell.LSTM, 2, 200, new TrueStyle(10, 20), 1);
  static final Workload GRU_200 =
      gated("gru 2x200 tf 20", Cell.GRU, 2, 200, new TensorFlowStyle(20), 1);
  static final Workload LSTM_650 =
      gated("lstm 2x650 tf 35", Cell.LSTM, 2, 650, new TensorFlowStyle(35), 0.5);
  static final Workload LSTM_CHAR = characters("char lstm tf 100", new TensorFlowStyle(100));
  static final Workload LSTM_CHAR_TRUE =
      characters("char lstm true 25 of 100", new TrueStyle(25, 100));

  /** Layers with gates: the sizes of Zaremba et al.'s small and medium models, and characters. */
  static final List<Workload> GATED =
      List.of(LSTM_200, LSTM_200_TRUE, GRU_200, LSTM_650, LSTM_CHAR, LSTM_CHAR_TRUE);

  /** Those of them that other libraries can do. */
  static final List<Workload> GATED_ONE_PASS = List.of(LSTM_200, GRU_200, LSTM_650, LSTM_CHAR);

  private Workloads() {}

  private static Workload gated(
      String name, Cell cell, int layers, int hidden, Truncation truncation, double keep) {
    return new Workload(name, 10_000, hidden, cell, layers, hidden, 20, truncation, keep, false);
  }

  private static Workload characters(String name, Truncation truncation) {
    return new Workload(name, 96, 64, Cell.LSTM, 1, 256, 32, truncation, 1, false);
  }

  private static Workload languageModel(String name, Truncation truncation) {
    return new Workload(name, 10_000, 50, Cell.TANH, 1, 100, 32, truncation, 0.8, false);
  }

  private static Workload timingTest(Truncation truncation) {
    String name = "H=4 B=200 gradients " + truncation.style();
    return new Workload(name, 10_000, 50, Cell.TANH, 1, 4, 200, truncation, 1, true);
  }

  private static Workload smallVocabulary(String name, Truncation truncation) {
    return new Workload("V=50 H=256 " + name, 50, 50, Cell.TANH, 1, 256, 32, truncation, 1, false);
  }
}
