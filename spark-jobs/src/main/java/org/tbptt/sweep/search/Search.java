package org.tbptt.sweep.search;

import static java.util.Objects.requireNonNull;

import org.tbptt.model.setting.InvalidSettingException;

/**
 * The settings of a sweep's search. With kind grid the others have no effect.
 *
 * @param kind how candidates are chosen
 * @param trials how many candidates there are, at least 1
 * @param seed of the search's random numbers
 * @param parallel for tpe: candidate i is chosen by the results of candidates 0 to i - parallel, at
 *     least 1
 * @param startup for tpe: the candidates that are chosen at random first, at least 1
 */
public record Search(Kind kind, int trials, long seed, int parallel, int startup) {

  /** Ways to choose candidates. */
  public enum Kind {
    /** Every point, and no candidates. */
    GRID,
    RANDOM,
    SOBOL,
    TPE
  }

  public Search {
    requireNonNull(kind, "kind");
    atLeastOne("trials", trials);
    atLeastOne("parallel", parallel);
    atLeastOne("startup", startup);
    if (kind == Kind.TPE && trials <= startup) {
      throw new InvalidSettingException(
          "trials",
          trials,
          "must be more than startup = " + startup + " for kind = tpe; else use kind = random");
    }
    if (kind == Kind.TPE && trials <= parallel) {
      throw new InvalidSettingException(
          "trials",
          trials,
          "must be more than parallel = "
              + parallel
              + " for kind = tpe; else every candidate is drawn at random");
    }
  }

  private static void atLeastOne(String word, int value) {
    if (value < 1) {
      throw new InvalidSettingException(word, value, "must be at least 1");
    }
  }

  public boolean isGrid() {
    return kind == Kind.GRID;
  }

  Proposals proposals(Space space) {
    RandomProposals random = new RandomProposals(seed, space);
    return switch (kind) {
      case GRID -> throw new IllegalStateException("a grid has no candidates");
      case RANDOM -> random;
      case SOBOL -> new SobolProposals(seed, space, random);
      case TPE -> new TpeProposals(this, space, random);
    };
  }
}
