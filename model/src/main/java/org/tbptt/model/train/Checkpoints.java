package org.tbptt.model.train;

import java.util.Optional;

/** Where one trial's checkpoints are kept. */
public interface Checkpoints {

  /** Keeps none. */
  Checkpoints NONE =
      new Checkpoints() {
        @Override
        public Optional<Checkpoint> newest() {
          return Optional.empty();
        }

        @Override
        public void save(Checkpoint checkpoint) {}

        @Override
        public void discard(String reason) {}
      };

  /** The one that has come furthest of those that are sound; to be closed. */
  Optional<Checkpoint> newest();

  /** Keeps it, if that is possible: training goes on either way. */
  void save(Checkpoint checkpoint);

  /**
   * Gives up what is kept, because training begins anew: however far that had come, what is saved
   * from now on is to be found.
   */
  void discard(String reason);
}
