package org.tbptt.sweep.search;

import java.util.List;

/** How a search chooses: a pure function of its settings and of earlier candidates' results. */
sealed interface Proposals permits RandomProposals, SobolProposals, TpeProposals {

  /** How many of the first candidates must have ended before this one can be chosen. */
  int needed(int candidate);

  /**
   * Chooses a candidate's values.
   *
   * @param candidate from 0; a call is for the same candidate as the one before, or for the next
   * @param redraw 0, or how often values for this candidate were refused
   * @param history of which the first {@link #needed} candidates have ended
   */
  List<Double> propose(int candidate, int redraw, History history);
}
