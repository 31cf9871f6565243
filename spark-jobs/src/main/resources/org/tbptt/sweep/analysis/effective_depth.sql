-- How far errors may go back, and what it brings. `mean_steps` is how many steps an error travels on
-- average, its own included: at the start of a window there are fewer than bptt_steps before it.
-- The loss is the best rate's, nats per token. Reads the view best.
SELECT
  sweep, setting, truncation, bptt_steps, seq_len,
  bptt_steps - bptt_steps * (bptt_steps - 1) / (2 * seq_len) AS mean_steps,
  learning_rate, valid_loss, standard_error, seeds
FROM best
ORDER BY sweep, setting, mean_steps, truncation
