-- The validation losses of each trial of a sweep in the order of its epochs, nats per token.
-- Parameter :sweep, its name. Reads the view epochs.
WITH trial_epochs AS (
  SELECT trial_id, array_sort(collect_list(struct(epoch, round(valid_loss, 5) AS valid))) AS epochs
  FROM epochs
  WHERE sweep = :sweep
  GROUP BY trial_id
)
SELECT trial_id, epochs.valid AS valid FROM trial_epochs
