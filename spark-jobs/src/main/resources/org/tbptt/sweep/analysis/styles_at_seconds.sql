-- Style against style at the same cost: the pairs of styles_at_bptt_steps, each trial with the lowest
-- validation loss that it had reached within the seconds of training that both of them spent; nats per token.
-- Reads the view styles_at_cost.
SELECT
  sweep, style, other_style, setting, bptt_steps, truncation, other_truncation, learning_rate, seed,
  trial_id, other_trial_id, seconds, at_seconds AS valid_loss, other_at_seconds AS other_valid_loss,
  at_seconds - other_at_seconds AS difference
FROM styles_at_cost
ORDER BY sweep, style, other_style, setting, bptt_steps, truncation, other_truncation,
  learning_rate DESC, seed
