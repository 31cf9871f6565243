-- The gradient's norm at each lag from 0 on when it was last measured, for each trial of a sweep, nats
-- per token. Parameter :sweep, its name. Reads the view lags.
WITH measured AS (
  SELECT *, rank() OVER (PARTITION BY trial_id ORDER BY epoch DESC) AS age
  FROM lags
  WHERE sweep = :sweep
), trial_lags AS (
  SELECT trial_id, array_sort(collect_list(struct(lag, phi))) AS lags
  FROM measured
  WHERE age = 1
  GROUP BY trial_id
)
SELECT trial_id, lags.phi AS phi FROM trial_lags
