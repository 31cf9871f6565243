package org.tbptt.model.diagnostics;

import java.util.List;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.corpus.SentenceWindows;
import org.tbptt.model.corpus.Window;
import org.tbptt.model.corpus.WindowStream;
import org.tbptt.model.truncation.Truncation;

/**
 * The windows to measure on: consecutive windows from the start of the validation stream, each as
 * long as the horizon. For the style sentence, its first windows.
 *
 * @param windows at least one
 * @param steps of the longest
 * @param seqLen T of the style's own windows, of which a held window has a whole number; a sentence
 *     is one
 */
public record HeldWindows(List<Window> windows, int steps, int seqLen) {

  /**
   * Cuts the validation stream.
   *
   * @param settings with at least one window; it may ask for more than the stream has
   * @param seed the key of the sentences' order
   * @throws IllegalArgumentException if the stream is shorter than one held window, or that is
   *     longer than any engine takes
   */
  public static HeldWindows of(
      Diagnostics settings, Truncation truncation, Corpus corpus, int batchSize, long seed) {
    if (!truncation.carriesState()) {
      List<Window> sentences =
          first(settings, new SentenceWindows(corpus, corpus.valid(), batchSize, seed).epoch(0));
      int longest = sentences.stream().mapToInt(Window::steps).max().orElseThrow();
      return new HeldWindows(sentences, longest, longest);
    }
    int steps = settings.heldSteps(truncation.seqLen());
    if (steps > Diagnostics.LONGEST) {
      throw new IllegalArgumentException(
          "a horizon of whole windows of seq-len = %d has %d steps, more than %d"
              .formatted(truncation.seqLen(), steps, Diagnostics.LONGEST));
    }
    WindowStream stream;
    try {
      stream = new WindowStream(corpus.valid(), batchSize, steps);
    } catch (IllegalArgumentException tooShort) {
      throw new IllegalArgumentException(
          "the validation stream is too short to measure over a horizon of %d steps: it has %d tokens, batch-size = %d columns of %d"
              .formatted(
                  steps, corpus.valid().tokens(), batchSize, corpus.valid().tokens() / batchSize),
          tooShort);
    }
    return new HeldWindows(first(settings, stream.epoch(0)), steps, truncation.seqLen());
  }

  private static List<Window> first(Diagnostics settings, List<Window> windows) {
    return List.copyOf(windows.subList(0, Math.min(settings.windows(), windows.size())));
  }
}
