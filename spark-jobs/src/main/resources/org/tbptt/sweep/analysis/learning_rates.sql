-- How much the learning rate matters: each rate's loss, and how far it is above that of the best rate
-- for the same truncation and setting; nats per token. Reads the view point_losses.
SELECT
  sweep, setting, bptt_steps, truncation, learning_rate, valid_loss, standard_error, seeds,
  valid_loss - min(valid_loss) OVER (PARTITION BY sweep, setting, style, bptt_steps, seq_len, own)
    AS above_best
FROM point_losses
ORDER BY sweep, setting, bptt_steps, truncation DESC, learning_rate DESC
