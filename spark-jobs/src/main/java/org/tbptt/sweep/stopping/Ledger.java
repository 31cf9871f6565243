package org.tbptt.sweep.stopping;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.tbptt.model.train.StopCondition;

/**
 * The losses of a sweep's candidates and what a rule decides by them. A verdict on candidate i at a
 * rung is made as soon as every candidate before i has reached the rung, or is known never to reach
 * it. It does not depend on the order in which losses come, and is not made again.
 */
public final class Ledger {

  private final StoppingRule rule;
  private final List<Candidate> candidates = new ArrayList<>();
  private final List<Rung> rungs = new ArrayList<>();
  private int decided;

  /** What is known of a candidate. */
  private static final class Candidate {
    private final int epochs;
    private double[] losses = new double[4];
    private int reached;
    private boolean ended;
    private final List<Decision> decisions = new ArrayList<>();
    private int nextRung; // those before have counted it or passed it over

    Candidate(int epochs) {
      this.epochs = epochs;
    }

    Optional<Decision> stop() {
      return decisions.isEmpty()
          ? Optional.empty()
          : Optional.of(decisions.get(decisions.size() - 1)).filter(Decision::stopped);
    }

    boolean reached(int epoch) {
      return reached >= epoch;
    }

    boolean neverReaches(int epoch) {
      return epoch > epochs || stop().isPresent() || (ended && !reached(epoch));
    }
  }

  /** The candidates that have counted at a rung, or never will: the first {@code settled}. */
  private static final class Rung {
    private final SortedLosses losses = new SortedLosses();
    private int settled;
  }

  public Ledger(StoppingRule rule) {
    this.rule = rule;
  }

  /**
   * Enters the next candidate.
   *
   * @param epochs that it is trained if nothing stops it
   * @return its number, from 0
   */
  public int enter(int epochs) {
    candidates.add(new Candidate(epochs));
    return candidates.size() - 1;
  }

  /**
   * A candidate's validation loss after its next epoch. One that is known already stays as it is.
   *
   * @param epoch from 1
   * @param loss nats per token; not finite if it diverged
   */
  public void record(int candidate, int epoch, double loss) {
    Candidate of = candidates.get(candidate);
    if (epoch != of.reached + 1) {
      return;
    }
    if (of.reached == of.losses.length) {
      of.losses = Arrays.copyOf(of.losses, 2 * of.reached);
    }
    of.losses[of.reached++] = loss;
    settle(candidate);
  }

  /** A candidate has ended by itself: there will be no more losses of it. */
  public void end(int candidate) {
    candidates.get(candidate).ended = true;
    settle(candidate);
  }

  /** Whether all is decided about the epochs that a candidate has reached. */
  public boolean isDecided(int candidate) {
    Candidate of = candidates.get(candidate);
    return of.stop().isPresent() || !of.reached(rule.epochOf(of.nextRung));
  }

  /** The decision that stops a candidate, if there is one yet. */
  public Optional<Decision> stop(int candidate) {
    return candidates.get(candidate).stop();
  }

  /** As far as a candidate may be trained by what is known now. */
  public StopCondition limits(int candidate) {
    Candidate of = candidates.get(candidate);
    List<Double> limits = new ArrayList<>();
    int stopped = of.stop().map(Decision::rung).orElse(Integer.MAX_VALUE);
    for (int rung = 0; rung < stopped && rule.epochOf(rung) < of.epochs; rung++) {
      if (rung < of.nextRung) {
        limits.add(Double.MAX_VALUE);
      } else if (!rule.comparesTrials()) {
        limits.add(rule.limit(new SortedLosses()));
      } else if (advance(rung).settled == candidate) {
        limits.add(rule.limit(rung(rung).losses));
      } else {
        break;
      }
    }
    return new KnownLimits(rule, limits.stream().mapToDouble(limit -> limit).toArray());
  }

  /** How many decisions there are. */
  public int size() {
    return decided;
  }

  /** All decisions, by candidate and rung. */
  public List<Decision> decisions() {
    return candidates.stream().flatMap(candidate -> candidate.decisions.stream()).toList();
  }

  /** Decides what a candidate's news makes decidable: at its next rung, or at later ones. */
  private void settle(int news) {
    Candidate of = candidates.get(news);
    if (!rule.comparesTrials()) {
      while (of.stop().isEmpty() && of.reached(rule.epochOf(of.nextRung))) {
        settle(of, news, of.nextRung, new SortedLosses());
      }
      return;
    }
    if (of.reached(rule.epochOf(of.nextRung))) {
      rung(of.nextRung);
    }
    for (int rung = of.nextRung; rung < rungs.size(); rung++) {
      advance(rung);
    }
  }

  /** Counts the next candidates at a rung, and decides about them, as far as that is possible. */
  private Rung advance(int rung) {
    Rung at = rung(rung);
    int epoch = rule.epochOf(rung);
    while (at.settled < candidates.size()) {
      Candidate next = candidates.get(at.settled);
      if (next.nextRung == rung && next.stop().isEmpty() && next.reached(epoch)) {
        settle(next, at.settled, rung, at.losses);
        at.losses.add(next.losses[epoch - 1]);
        if (next.reached(rule.epochOf(rung + 1))) {
          rung(rung + 1);
        }
      } else if (!next.neverReaches(epoch)) {
        break;
      }
      at.settled++;
    }
    return at;
  }

  /** There is nothing to decide about a candidate that ends here by itself. */
  private void settle(Candidate candidate, int number, int rung, SortedLosses earlier) {
    int epoch = rule.epochOf(rung);
    if (Double.isFinite(candidate.losses[epoch - 1]) && epoch < candidate.epochs) {
      candidate.decisions.add(rule.decide(number, rung, candidate.losses, earlier));
      decided++;
    }
    candidate.nextRung = rung + 1;
  }

  private Rung rung(int number) {
    while (rungs.size() <= number) {
      rungs.add(new Rung());
    }
    return rungs.get(number);
  }
}
