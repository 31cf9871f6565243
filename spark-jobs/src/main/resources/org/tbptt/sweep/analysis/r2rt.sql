-- The table of r2rt's "Styles of Truncated Backpropagation" from the sweeps here: lowest validation
-- loss, nats per token, a column for each of its learning rates with the published number beside it.
-- Reads the view point_losses.
SELECT
  sweep, setting, bptt_steps, any_value(truncation) AS truncation,
  max(valid_loss) FILTER (WHERE learning_rate = 0.003D) AS lr_003,
  max(published_loss) FILTER (WHERE learning_rate = 0.003D) AS published_003,
  max(valid_loss) FILTER (WHERE learning_rate = 0.001D) AS lr_001,
  max(published_loss) FILTER (WHERE learning_rate = 0.001D) AS published_001,
  max(valid_loss) FILTER (WHERE learning_rate = 0.0003D) AS lr_0003,
  max(published_loss) FILTER (WHERE learning_rate = 0.0003D) AS published_0003
FROM point_losses
WHERE learning_rate IN (0.003D, 0.001D, 0.0003D)
GROUP BY sweep, setting, style, bptt_steps, seq_len, own
ORDER BY sweep, setting, bptt_steps, truncation DESC
