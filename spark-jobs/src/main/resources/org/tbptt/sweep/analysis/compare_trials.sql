-- The losses of one sweep's trials, for comparing truncation against truncation: those that did not fail.
-- `variant` is the truncation without its lengths. Parameter :sweep, the sweep's name. Reads the view points.
SELECT
  style,
  concat_ws(
    ', ',
    style,
    IF(style = 'interval', concat('k1 ', k1), NULL),
    IF(style = 'random', concat('pi ', link_keep), NULL),
    IF(style = 'adaptive', concat('delta ', delta), NULL),
    IF(history > 0, 'history', NULL)) AS variant,
  truncation, bptt_steps, seq_len, setting, learning_rate, seed,
  best_valid_loss AS valid_loss
FROM points
WHERE sweep = :sweep AND status <> 'FAILED' AND best_valid_loss IS NOT NULL
