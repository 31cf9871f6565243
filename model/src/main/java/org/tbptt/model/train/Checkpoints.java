package org.tbptt.model.train;

import java.util.Optional;

/** The checkpoints of one trial. */
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

  /** The newest undamaged one; the caller closes it. */
  Optional<Checkpoint> newest();

  /** Saves a checkpoint if possible; training continues either way. */
  void save(Checkpoint checkpoint);

  /**
   * Discards existing checkpoints because training starts over: those saved from now on are the
   * newest, however far the old ones had come.
   */
  void discard(String reason);
}
