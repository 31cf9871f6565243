-- The trials that diverged or failed, and why. Reads the view points.
SELECT
  sweep, trial_id, bptt_steps, truncation, learning_rate, seed, status, reason, epochs_run, attempts,
  host
FROM points
WHERE status NOT IN ('COMPLETED', 'STOPPED')
ORDER BY sweep, status, finished_at
