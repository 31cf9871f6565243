package org.tbptt.model.corpus;

import java.util.List;

/** The windows of an epoch, cut from a stream of a corpus. */
public sealed interface WindowSource permits WindowStream, SentenceWindows {

  /** How many windows an epoch has, at least 1. */
  int windows();

  /** How many tokens are predicted in an epoch; padding does not count. */
  long tokens();

  /** T of the longest window. */
  int longestWindow();

  /**
   * The windows of one epoch in order; each access creates new arrays.
   *
   * @param epoch from 1 in training; 0 for an evaluation
   */
  List<Window> epoch(int epoch);
}
