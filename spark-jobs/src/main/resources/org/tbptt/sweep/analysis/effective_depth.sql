-- How far errors may go back, and how far they do. Means over seeds: `mean_steps` is how many steps
-- an error may travel, its own included (without history there are fewer than bptt_steps at the start
-- of a window), NULL for the style adaptive, which chooses bptt_steps anew for each epoch; `lag95` and
-- `mean_depth` are lags that were measured, NULL where none were. The loss is nats per token. Trials that
-- failed or were stopped count in none of these means. Reads the view truncations.
WITH passes_per_window AS (
  SELECT
    *,
    coalesce(k1, 1) AS errors_per_sweep,
    seq_len DIV coalesce(k1, 1) AS sweeps_per_window,
    bptt_steps DIV coalesce(k1, 1) AS short_sweeps
  FROM truncations
), depths AS (
  SELECT
    *,
    CASE
      WHEN style = 'adaptive' THEN NULL
      WHEN history > 0 THEN bptt_steps
      -- The j-th backward pass of a window covers min(bptt_steps, j errors_per_sweep) steps.
      ELSE (errors_per_sweep * short_sweeps * (short_sweeps + 1) / 2
        + bptt_steps * (sweeps_per_window - short_sweeps)) / sweeps_per_window
    END - (errors_per_sweep - 1) / 2 AS mean_steps
  FROM passes_per_window
), by_seed AS (
  SELECT
    sweep, setting, style, any_value(truncation) AS truncation, bptt_steps, seq_len, own, learning_rate, mean_steps, seed,
    avg(IF(status IN ('FAILED', 'STOPPED'), NULL, lag95)) AS lag95,
    avg(IF(status IN ('FAILED', 'STOPPED'), NULL, mean_depth)) AS mean_depth,
    avg(IF(status IN ('FAILED', 'STOPPED'), NULL, best_valid_loss)) AS valid_loss
  FROM depths
  GROUP BY sweep, setting, style, bptt_steps, seq_len, own, learning_rate, mean_steps, seed
)
SELECT
  sweep, setting, any_value(truncation) AS truncation, bptt_steps, seq_len, learning_rate, mean_steps,
  avg(lag95) AS lag95,
  avg(mean_depth) AS mean_depth,
  avg(valid_loss) AS valid_loss
FROM by_seed
GROUP BY sweep, setting, style, bptt_steps, seq_len, own, learning_rate, mean_steps
ORDER BY sweep, setting, mean_steps, truncation, learning_rate DESC
