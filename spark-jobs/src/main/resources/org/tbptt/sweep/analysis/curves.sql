-- Every epoch of every trial, with what had been spent and reached by its end. Losses are nats per
-- token. Reads the views epochs and points.
SELECT
  sweep, trial_id, p.bptt_steps, p.truncation, p.learning_rate, p.seed, p.setting, e.epoch,
  sum(e.tokens) OVER trial AS tokens,
  sum(e.seconds) OVER trial AS seconds,
  e.train_loss, e.valid_loss,
  min(e.valid_loss) OVER trial AS lowest_valid_loss
FROM epochs e
JOIN points p USING (sweep, trial_id)
WINDOW trial AS (PARTITION BY sweep, trial_id ORDER BY e.epoch)
ORDER BY sweep, trial_id, epoch
