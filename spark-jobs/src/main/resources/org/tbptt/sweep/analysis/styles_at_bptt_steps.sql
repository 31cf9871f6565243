-- Style against style: pairs of trials, none of them failed, that have bptt_steps, learning rate, seed
-- and every other setting in common, but not the truncation. The style adaptive, which chooses its
-- bptt_steps anew for each epoch, is not among them. A negative difference is in favour of `style`;
-- nats per token. Reads the view points.
SELECT
  a.sweep, a.style, b.style AS other_style, a.setting, a.bptt_steps, a.truncation,
  b.truncation AS other_truncation, a.variant, b.variant AS other_variant, a.learning_rate, a.seed,
  a.best_valid_loss AS valid_loss, b.best_valid_loss AS other_valid_loss,
  a.best_valid_loss - b.best_valid_loss AS difference,
  a.trial_id, b.trial_id AS other_trial_id
FROM points a
JOIN points b
  ON b.sweep = a.sweep AND b.setting <=> a.setting
  AND b.bptt_steps = a.bptt_steps
  AND b.learning_rate = a.learning_rate AND b.seed = a.seed
WHERE a.style <> 'adaptive' AND b.style <> 'adaptive'
  AND struct(b.style, a.seq_len, a.k1, a.link_keep, a.history)
    < struct(a.style, b.seq_len, b.k1, b.link_keep, b.history)
  AND a.status <> 'FAILED' AND b.status <> 'FAILED'
ORDER BY sweep, style, other_style, setting, bptt_steps, truncation, other_truncation,
  learning_rate DESC, seed
