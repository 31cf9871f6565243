package org.tbptt.model.corpus;

import java.util.List;

/** Where the windows of an epoch come from: a stream of a corpus, cut in one way or another. */
public sealed interface WindowSource permits WindowStream, SentenceWindows {

  /** How many windows an epoch has, at least 1. */
  int windows();

  /** How many tokens are predicted in an epoch; padding does not count. */
  long tokens();

  /** T of the longest window. */
  int longestWindow();

  /**
   * The windows of one epoch in their order, each made when it is asked for, in arrays of its own.
   *
   * @param epoch from 1 in training; 0 for an evaluation
   */
  List<Window> epoch(int epoch);
}
