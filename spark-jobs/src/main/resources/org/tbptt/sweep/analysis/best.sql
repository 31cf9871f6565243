-- The best learning rate of each truncation and setting, and its loss: the mean over seeds, nats per
-- token. Reads the view point_losses.
SELECT
  sweep, bptt_steps, style, seq_len, any_value(truncation) AS truncation, setting,
  min_by(learning_rate, valid_loss) AS learning_rate,
  min(valid_loss) AS valid_loss,
  min_by(standard_error, valid_loss) AS standard_error,
  min_by(seeds, valid_loss) AS seeds,
  count(*) AS learning_rates
FROM point_losses
GROUP BY sweep, setting, style, bptt_steps, seq_len, own
ORDER BY sweep, valid_loss NULLS LAST
