package org.tbptt.sweep.search;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The candidates of a search, one after the other. Each is a function of the settings and of the
 * results of earlier candidates alone; it does not matter when results come, nor in which order.
 *
 * <p>Values that are refused, because they are the same computation as an earlier candidate or are
 * impossible together, are drawn again.
 */
public final class Candidates {

  /** So many draws in vain, one after the other, and there are no further candidates. */
  static final int MOST_REDRAWS = 100_000;

  private final Search search;
  private final Space space;
  private final Predicate<Candidate> accepted;
  private final Proposals proposals;
  private final History history = new History();
  private final Set<List<Double>> drawn = new HashSet<>(); // of a finite space
  private boolean exhausted;

  /**
   * @param accepted asked once about each candidate, in their order: whether it is possible, and a
   *     computation that no earlier one was
   */
  public Candidates(Search search, Space space, Predicate<Candidate> accepted) {
    this.search = search;
    this.space = space;
    this.accepted = accepted;
    this.proposals = search.proposals(space);
  }

  /** How many there have been. */
  public int size() {
    return history.size();
  }

  /** The next one; empty if it depends on results that are missing, or there is none. */
  public Optional<Candidate> next() {
    int index = history.size();
    if (isFinished() || history.ended() < proposals.needed(index)) {
      return Optional.empty();
    }
    for (int redraw = 0; redraw <= MOST_REDRAWS; redraw++) {
      Candidate candidate = new Candidate(index, proposals.propose(index, redraw, history));
      if (isUndrawn(candidate) && accepted.test(candidate)) {
        history.add(candidate);
        return Optional.of(candidate);
      }
      if (drawn.size() == space.size()) {
        break;
      }
    }
    exhausted = true;
    return Optional.empty();
  }

  private boolean isUndrawn(Candidate candidate) {
    return Double.isInfinite(space.size()) || drawn.add(candidate.values());
  }

  /** A candidate has ended. */
  public void ended(int candidate, Score score) {
    history.ended(candidate, score);
  }

  /** Whether there will be no more. */
  public boolean isFinished() {
    return exhausted || history.size() >= search.trials();
  }

  /** Whether the space has fewer candidates than were asked for. */
  public boolean isExhausted() {
    return exhausted;
  }
}
