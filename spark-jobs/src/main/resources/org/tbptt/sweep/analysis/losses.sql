-- The lowest validation loss of each point of a sweep: mean and standard error over its seeds, nats
-- per token, and what was published for the same settings. Trials of one seed, such as those of two
-- engines, count as their mean; one that failed or was stopped has no loss, one that diverged the lowest that it had before, if any. Reads the view point_losses.
SELECT
  sweep, bptt_steps, style, seq_len, truncation, learning_rate, setting, valid_loss, standard_error,
  seeds, diverged, failed, stopped, epochs_run, tokens_per_second, published_loss, published_epochs, published_by
FROM point_losses
