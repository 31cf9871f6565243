-- The trials of one sweep in the order of the view history, with their settings. `comparable_loss` is
-- the lowest validation loss; if trials of the sweep were stopped, that within the `equal_epochs` that
-- all of these had; NULL for trials that failed. Parameter :sweep, its name. Reads the views history,
-- truncations and epochs.
WITH equal AS (
  SELECT sweep, min(epochs_run) AS equal_epochs
  FROM truncations
  WHERE status = 'STOPPED'
  GROUP BY sweep
), early AS (
  SELECT e.sweep, e.trial_id, min(e.valid_loss) AS early_loss
  FROM epochs e
  JOIN equal ON equal.sweep = e.sweep AND e.epoch <= equal.equal_epochs
  GROUP BY e.sweep, e.trial_id
)
SELECT
  sweep, h.tried, h.candidate, trial_id, h.status, h.loss, h.best_loss, h.epochs_spent, equal_epochs,
  IF(h.status = 'FAILED', NULL, IF(equal_epochs IS NULL, h.loss, early_loss)) AS comparable_loss,
  t.epochs_run, t.variant AS style, t.bptt_steps, t.seq_len, t.learning_rate, t.seed, t.setting
FROM history h
JOIN truncations t USING (sweep, trial_id)
LEFT JOIN equal USING (sweep)
LEFT JOIN early USING (sweep, trial_id)
WHERE sweep = :sweep
ORDER BY sweep, h.tried
