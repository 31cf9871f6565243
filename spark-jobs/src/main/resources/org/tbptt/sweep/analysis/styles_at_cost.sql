-- Style against style at the same cost: the pairs of styles_at_bptt_steps, each trial with the lowest
-- validation loss that it had reached within what both of them spent, by tokens and by seconds. Reads
-- the views style_pairs and curves.
WITH reached AS (
  SELECT
    any_value(struct(p.*)) AS pair,
    min(c.valid_loss) FILTER (WHERE c.trial_id = p.trial_id AND c.tokens <= p.tokens) AS at_tokens,
    min(c.valid_loss) FILTER (WHERE c.trial_id = p.other_trial_id AND c.tokens <= p.tokens)
      AS other_at_tokens,
    min(c.valid_loss) FILTER (WHERE c.trial_id = p.trial_id AND c.seconds <= p.seconds) AS at_seconds,
    min(c.valid_loss) FILTER (WHERE c.trial_id = p.other_trial_id AND c.seconds <= p.seconds)
      AS other_at_seconds
  FROM style_pairs p
  LEFT JOIN curves c ON c.sweep = p.sweep AND c.trial_id IN (p.trial_id, p.other_trial_id)
  WHERE p.equal_bptt_steps
  GROUP BY p.sweep, p.trial_id, p.other_trial_id
)
SELECT pair.*, at_tokens, other_at_tokens, at_seconds, other_at_seconds FROM reached
