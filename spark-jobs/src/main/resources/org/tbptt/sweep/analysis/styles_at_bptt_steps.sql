-- Style against style: pairs of trials, none of them failed or stopped, that have bptt_steps, learning
-- rate, seed and every other setting in common, but not the truncation. The style adaptive, which
-- chooses its bptt_steps anew for each epoch, is not among them. A negative difference is in favour of
-- `style`; nats per token. Reads the view style_pairs.
SELECT
  sweep, style, other_style, setting, bptt_steps, truncation, other_truncation, variant,
  other_variant, learning_rate, seed, valid_loss, other_valid_loss, difference, trial_id,
  other_trial_id
FROM style_pairs
WHERE equal_bptt_steps
ORDER BY sweep, style, other_style, setting, bptt_steps, truncation, other_truncation,
  learning_rate DESC, seed
