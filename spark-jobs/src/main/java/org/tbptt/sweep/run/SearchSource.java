package org.tbptt.sweep.run;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.tbptt.model.train.TrialIdentity;
import org.tbptt.sweep.config.Count;
import org.tbptt.sweep.config.SweepConfig;
import org.tbptt.sweep.grid.Point;
import org.tbptt.sweep.grid.SearchedPoints;
import org.tbptt.sweep.results.TrialEnding;
import org.tbptt.sweep.search.Candidate;
import org.tbptt.sweep.search.Candidates;
import org.tbptt.sweep.search.Score;

/** The candidates of a search, in their order. */
final class SearchSource implements TrialSource {

  private final SearchedPoints points;
  private final String corpusId;
  private final Candidates candidates;
  private final Map<String, Integer> indices = new HashMap<>();
  private PlannedTrial proposed; // null if none is
  private Point accepted;

  SearchSource(SweepConfig config, String corpusId) {
    this.points = new SearchedPoints(config);
    this.corpusId = corpusId;
    this.candidates = new Candidates(config.search(), points.space(), this::accept);
  }

  private boolean accept(Candidate candidate) {
    Optional<Point> point = points.of(candidate);
    point.ifPresent(each -> accepted = each);
    return point.isPresent() && indices.putIfAbsent(id(point.get()), candidate.index()) == null;
  }

  private String id(Point point) {
    return TrialIdentity.of(point.spec(), corpusId);
  }

  @Override
  public boolean hasNext() {
    if (proposed == null) {
      candidates
          .next()
          .ifPresent(
              next ->
                  proposed =
                      new PlannedTrial(
                          id(accepted), accepted.spec(), accepted.label(), next.index()));
    }
    return proposed != null;
  }

  @Override
  public PlannedTrial next() {
    PlannedTrial next = proposed;
    proposed = null;
    return next;
  }

  @Override
  public boolean isFinished() {
    return !hasNext() && candidates.isFinished();
  }

  @Override
  public Optional<String> shortfall() {
    return candidates.isExhausted()
        ? Optional.of(
            "the search ends after "
                + Count.of(candidates.size(), "candidate")
                + ": no further candidate is a different computation")
        : Optional.empty();
  }

  @Override
  public void ended(TrialEnding ending) {
    candidates.ended(
        indices.get(ending.trialId()),
        new Score(kind(ending), ending.epochs(), ending.validLoss()));
  }

  private static Score.Ending kind(TrialEnding ending) {
    return switch (ending.status()) {
      case COMPLETED -> Score.Ending.COMPLETED;
      case STOPPED -> Score.Ending.STOPPED;
      case DIVERGED, FAILED -> Score.Ending.NONE;
    };
  }
}
