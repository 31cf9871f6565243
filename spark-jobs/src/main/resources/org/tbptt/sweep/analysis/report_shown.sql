-- The trials of a sweep that its report shows if they are too many for all: those with the lowest
-- losses and, of the others, those with the lowest ids, which are hashes: a random choice. Parameters
-- :sweep, its name; :best, how many with the lowest losses; :most, how many in all. Reads the view trials.
WITH ranked AS (
  SELECT trial_id, row_number() OVER by_loss AS place
  FROM trials
  WHERE sweep = :sweep
  WINDOW by_loss AS (
    PARTITION BY sweep ORDER BY status = 'FAILED', best_valid_loss ASC NULLS LAST, trial_id)
)
SELECT trial_id FROM ranked ORDER BY place > :best, trial_id LIMIT :most
