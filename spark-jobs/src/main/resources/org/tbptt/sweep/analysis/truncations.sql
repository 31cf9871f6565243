-- The view points with what its words are made of: a truncation is style, bptt_steps, seq_len and
-- `own`, the settings that only some styles have. By these trials are grouped, not by the words. Reads
-- the view points.
SELECT
  *,
  struct(
    IF(style = 'interval', k1, NULL) AS k1,
    IF(style = 'random', link_keep, NULL) AS link_keep,
    IF(style = 'adaptive', delta, NULL) AS delta,
    coalesce(history > 0, false) AS history) AS own
FROM points
