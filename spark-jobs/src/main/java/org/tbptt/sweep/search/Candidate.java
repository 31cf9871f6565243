package org.tbptt.sweep.search;

import java.util.List;

/**
 * What a search proposes.
 *
 * @param index from 0, in the order of the proposals
 * @param values one of each dimension, in its {@link Space}'s order
 */
public record Candidate(int index, List<Double> values) {

  public Candidate {
    values = List.copyOf(values);
  }
}
