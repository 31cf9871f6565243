-- Style against style: pairs of trials, none of them failed or stopped, that have seq_len, learning
-- rate, seed and every other setting in common, but not the truncation, so that they update their
-- weights equally often. bptt_steps of the style adaptive is that of its first epoch. A negative
-- difference is in favour of `style`; nats per token. Reads the view style_pairs.
SELECT
  sweep, style, other_style, setting, seq_len, bptt_steps, other_bptt_steps, truncation,
  other_truncation, variant, other_variant, learning_rate, seed, valid_loss, other_valid_loss,
  difference, trial_id, other_trial_id
FROM style_pairs
WHERE equal_seq_len
ORDER BY sweep, style, other_style, setting, seq_len, bptt_steps, other_bptt_steps,
  learning_rate DESC, seed
