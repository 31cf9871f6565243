-- How biased each trial's gradient was, all parameters together, after each epoch at which that was
-- measured, beside the validation loss of that epoch, nats per token, and the tokens trained on by
-- then. Reads the views bias and curves.
SELECT
  sweep, trial_id, bptt_steps, truncation, learning_rate, seed, setting, epoch, tokens,
  relative_bias, cosine, valid_loss
FROM bias
JOIN curves USING (sweep, trial_id, epoch)
WHERE parameter = 'all'
ORDER BY sweep, epoch, relative_bias
