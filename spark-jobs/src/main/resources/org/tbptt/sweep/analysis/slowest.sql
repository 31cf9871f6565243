-- The trials, the longest first: seconds of training, and what they were spent on. Reads the view
-- points.
SELECT
  sweep, trial_id, bptt_steps, truncation, learning_rate, seed, train_seconds, train_tokens,
  tokens_per_second, engine, isa, host
FROM points
ORDER BY sweep, train_seconds DESC
