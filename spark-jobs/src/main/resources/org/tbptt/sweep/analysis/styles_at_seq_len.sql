-- Style against style: pairs of trials, none of them failed, that have seq_len, learning rate, seed and
-- every other setting in common, but not the truncation, so that they update their weights equally
-- often. bptt_steps of the style adaptive is that of its first epoch. A negative difference is in
-- favour of `style`; nats per token. Reads the view points.
SELECT
  a.sweep, a.style, b.style AS other_style, a.setting, a.seq_len, a.bptt_steps,
  b.bptt_steps AS other_bptt_steps, a.truncation, b.truncation AS other_truncation,
  a.variant, b.variant AS other_variant, a.learning_rate, a.seed,
  a.best_valid_loss AS valid_loss, b.best_valid_loss AS other_valid_loss,
  a.best_valid_loss - b.best_valid_loss AS difference,
  a.trial_id, b.trial_id AS other_trial_id
FROM points a
JOIN points b
  ON b.sweep = a.sweep AND b.setting <=> a.setting
  AND b.seq_len = a.seq_len
  AND b.learning_rate = a.learning_rate AND b.seed = a.seed
WHERE struct(b.style, a.bptt_steps, a.k1, a.link_keep, a.delta, a.history)
    < struct(a.style, b.bptt_steps, b.k1, b.link_keep, b.delta, b.history)
  AND a.status <> 'FAILED' AND b.status <> 'FAILED'
ORDER BY sweep, style, other_style, setting, seq_len, bptt_steps, other_bptt_steps,
  learning_rate DESC, seed
