-- The pairs of truncations of one sweep at equal bptt_steps that both have a loss. Parameter :sweep, the
-- sweep's name. Reads the view styles_at_bptt_steps.
SELECT *
FROM styles_at_bptt_steps
WHERE sweep = :sweep AND difference IS NOT NULL
ORDER BY style DESC, other_style DESC, variant, other_variant, setting, bptt_steps,
  truncation, other_truncation, learning_rate DESC, seed
