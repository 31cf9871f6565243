-- How far errors may go back, and how far they do. Means over seeds: `mean_steps` is how many steps
-- an error may travel, its own included (at the start of a window there are fewer than bptt_steps
-- before it); `lag95` and `mean_depth` are lags that were measured, NULL where none were. The loss is
-- nats per token. Reads the view points.
SELECT
  sweep, setting, truncation, bptt_steps, seq_len, learning_rate,
  bptt_steps - bptt_steps * (bptt_steps - 1) / (2 * seq_len) AS mean_steps,
  avg(lag95) AS lag95,
  avg(mean_depth) AS mean_depth,
  avg(best_valid_loss) AS valid_loss
FROM points
GROUP BY ALL
ORDER BY sweep, setting, mean_steps, truncation, learning_rate DESC
