-- The losses of one sweep's trials that were neither stopped nor failed, for comparing truncation against truncation.
-- Parameter :sweep, the sweep's name. Reads the view truncations.
SELECT
  sweep, style, variant, truncation, own, bptt_steps, seq_len, k1, link_keep, delta, history,
  setting, learning_rate, seed,
  best_valid_loss AS valid_loss
FROM truncations
WHERE sweep = :sweep AND status NOT IN ('FAILED', 'STOPPED') AND best_valid_loss IS NOT NULL
