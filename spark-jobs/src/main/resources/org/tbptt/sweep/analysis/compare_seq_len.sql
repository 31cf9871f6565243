-- The pairs of truncations of one sweep at equal seq_len that both have a loss. Parameter :sweep, the
-- sweep's name. Reads the view styles_at_seq_len.
SELECT *
FROM styles_at_seq_len
WHERE sweep = :sweep AND difference IS NOT NULL
ORDER BY style DESC, other_style DESC, variant, other_variant, setting, seq_len,
  bptt_steps, other_bptt_steps, truncation, other_truncation, learning_rate DESC, seed
