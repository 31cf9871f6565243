package org.tbptt.sweep.search;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.math3.random.SobolSequenceGenerator;
import org.tbptt.model.random.Purpose;

/**
 * Candidate i is the i-th point of Sobol's sequence (direction numbers of Joe and Kuo 2008), moved
 * along each axis by a number that the seed gives and around its end (Cranley and Patterson 1976).
 * What is refused is drawn at random.
 */
final class SobolProposals implements Proposals {

  private final Space space;
  private final RandomProposals random;
  private final SobolSequenceGenerator sequence;
  private final double[] shift;

  SobolProposals(long seed, Space space, RandomProposals random) {
    this.space = space;
    this.random = random;
    int axes = space.dimensions().size();
    sequence = new SobolSequenceGenerator(axes);
    shift = new double[axes];
    for (int axis = 0; axis < axes; axis++) {
      shift[axis] = RandomProposals.numbers(seed, Purpose.SOBOL_SHIFT, axis, 0, 0, 1)[0];
    }
  }

  @Override
  public int needed(int candidate) {
    return 0;
  }

  @Override
  public List<Double> propose(int candidate, int redraw, History history) {
    if (redraw > 0) {
      return random.propose(candidate, redraw, history);
    }
    double[] point = sequence.skipTo(candidate);
    List<Double> values = new ArrayList<>();
    for (Dimension dimension : space.dimensions()) {
      int axis = values.size();
      double u = point[axis] + shift[axis];
      values.add(dimension.at(u - Math.floor(u)));
    }
    return values;
  }
}
