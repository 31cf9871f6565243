-- Style against style at the same cost: the pairs of styles_at_bptt_steps, each trial with the lowest
-- validation loss that it had reached within the training tokens that both of them spent; nats per token.
-- Reads the views styles_at_bptt_steps, trials and curves.
WITH pairs AS (
  SELECT
    p.sweep, p.style, p.other_style, p.setting, p.bptt_steps, p.truncation, p.other_truncation,
    p.learning_rate, p.seed, p.trial_id, p.other_trial_id,
    least(a.train_tokens, b.train_tokens) AS tokens
  FROM styles_at_bptt_steps p
  JOIN trials a ON a.sweep = p.sweep AND a.trial_id = p.trial_id
  JOIN trials b ON b.sweep = p.sweep AND b.trial_id = p.other_trial_id
), reached AS (
  SELECT
    p.*,
    min(c.valid_loss) FILTER (WHERE c.trial_id = p.trial_id) AS valid_loss,
    min(c.valid_loss) FILTER (WHERE c.trial_id = p.other_trial_id) AS other_valid_loss
  FROM pairs p
  LEFT JOIN curves c
    ON c.sweep = p.sweep AND c.trial_id IN (p.trial_id, p.other_trial_id)
    AND c.tokens <= p.tokens
  GROUP BY ALL
)
SELECT *, valid_loss - other_valid_loss AS difference
FROM reached
ORDER BY sweep, style, other_style, setting, bptt_steps, truncation, other_truncation,
  learning_rate DESC, seed
