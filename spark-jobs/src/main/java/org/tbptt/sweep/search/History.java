package org.tbptt.sweep.search;

import java.util.ArrayList;
import java.util.List;

/** The candidates that there have been, and what they gave. */
final class History {

  private final List<Candidate> candidates = new ArrayList<>();
  private final List<Score> scores = new ArrayList<>();
  private int ended;

  void add(Candidate candidate) {
    candidates.add(candidate);
    scores.add(null);
  }

  void ended(int candidate, Score score) {
    scores.set(candidate, score);
    while (ended < scores.size() && scores.get(ended) != null) {
      ended++;
    }
  }

  /** So many of the first candidates have ended, without a gap. */
  int ended() {
    return ended;
  }

  int size() {
    return candidates.size();
  }

  double value(int candidate, int dimension) {
    return candidates.get(candidate).values().get(dimension);
  }

  Score score(int candidate) {
    return scores.get(candidate);
  }
}
