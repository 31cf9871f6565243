-- Style against style: pairs of trials, none of them failed or stopped, that have learning rate, seed and every
-- other setting in common, but not the truncation; each pair once. `tokens` and `seconds` are what both
-- of them spent. The style adaptive, which chooses its bptt_steps anew for each epoch, has none that
-- could be equal. Reads the view points.
SELECT
  a.sweep, a.style, b.style AS other_style, a.setting, a.seq_len, a.bptt_steps,
  b.bptt_steps AS other_bptt_steps, a.truncation, b.truncation AS other_truncation,
  a.variant, b.variant AS other_variant, a.learning_rate, a.seed,
  a.best_valid_loss AS valid_loss, b.best_valid_loss AS other_valid_loss,
  a.best_valid_loss - b.best_valid_loss AS difference,
  a.trial_id, b.trial_id AS other_trial_id,
  least(a.train_tokens, b.train_tokens) AS tokens,
  least(a.train_seconds, b.train_seconds) AS seconds,
  b.seq_len = a.seq_len AS equal_seq_len,
  b.bptt_steps = a.bptt_steps AND a.style <> 'adaptive' AND b.style <> 'adaptive' AS equal_bptt_steps
FROM points a
JOIN points b
  ON b.sweep = a.sweep AND b.setting <=> a.setting
  AND b.learning_rate = a.learning_rate AND b.seed = a.seed
WHERE struct(b.style, a.bptt_steps, a.seq_len, a.k1, a.link_keep, a.delta, a.history)
    < struct(a.style, b.bptt_steps, b.seq_len, b.k1, b.link_keep, b.delta, b.history)
  AND a.status NOT IN ('FAILED', 'STOPPED') AND b.status NOT IN ('FAILED', 'STOPPED')
