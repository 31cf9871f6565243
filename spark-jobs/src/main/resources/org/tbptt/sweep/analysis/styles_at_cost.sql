-- Style against style at the same cost: the pairs of styles_at_bptt_steps, each trial with the lowest
-- validation loss that it had reached within what both of them spent, by tokens and by seconds. Reads
-- the views style_pairs and curves.
WITH ends AS (
  -- Not train_seconds: a sum in another order may be smaller than the last epoch's by its rounding.
  SELECT sweep, trial_id, max(seconds) AS seconds FROM curves GROUP BY sweep, trial_id
),
reached AS (
  SELECT
    any_value(struct(p.*)) AS pair,
    min(c.valid_loss) FILTER (WHERE c.trial_id = p.trial_id AND c.tokens <= p.tokens) AS at_tokens,
    min(c.valid_loss) FILTER (WHERE c.trial_id = p.other_trial_id AND c.tokens <= p.tokens)
      AS other_at_tokens,
    min(c.valid_loss) FILTER (WHERE c.trial_id = p.trial_id AND c.seconds <= least(a.seconds, b.seconds))
      AS at_seconds,
    min(c.valid_loss) FILTER (WHERE c.trial_id = p.other_trial_id AND c.seconds <= least(a.seconds, b.seconds))
      AS other_at_seconds
  FROM style_pairs p
  LEFT JOIN ends a ON a.sweep = p.sweep AND a.trial_id = p.trial_id
  LEFT JOIN ends b ON b.sweep = p.sweep AND b.trial_id = p.other_trial_id
  LEFT JOIN curves c ON c.sweep = p.sweep AND c.trial_id IN (p.trial_id, p.other_trial_id)
  WHERE p.equal_bptt_steps
  GROUP BY p.sweep, p.trial_id, p.other_trial_id
)
SELECT pair.*, at_tokens, other_at_tokens, at_seconds, other_at_seconds FROM reached
