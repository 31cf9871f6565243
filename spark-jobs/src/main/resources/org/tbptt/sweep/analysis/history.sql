-- How the lowest loss of a sweep fell: its trials in the order of the search's candidates, those of a
-- grid in the order in which they were started. `tried` counts the trials, `epochs_spent` their
-- epochs. `loss` is a trial's lowest validation loss, NULL if it failed; `best_loss` is the lowest so
-- far; nats per token. Reads the view trials.
SELECT
  sweep,
  row_number() OVER tried AS tried,
  candidate, trial_id, status,
  IF(status = 'FAILED', NULL, best_valid_loss) AS loss,
  min(IF(status = 'FAILED', NULL, best_valid_loss)) OVER so_far AS best_loss,
  sum(epochs_run) OVER so_far AS epochs_spent
FROM trials
WINDOW
  tried AS (PARTITION BY sweep ORDER BY candidate, started_at, trial_id),
  so_far AS (
    PARTITION BY sweep ORDER BY candidate, started_at, trial_id
    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
ORDER BY sweep, tried
