-- What was measured of each trial of a sweep: the gradient's norm at each lag from 0 on when it was last
-- measured, nats per token, and the gradient's relative bias, all parameters together, after each epoch
-- at which it was measured, 0 before training. Parameter :sweep, its name. Reads the views lags and bias.
WITH measured AS (
  SELECT *, rank() OVER (PARTITION BY trial_id ORDER BY epoch DESC) AS age
  FROM lags
  WHERE sweep = :sweep
), trial_lags AS (
  SELECT trial_id, array_sort(collect_list(struct(lag, phi))) AS lags
  FROM measured
  WHERE age = 1
  GROUP BY trial_id
), trial_bias AS (
  SELECT trial_id, array_sort(collect_list(struct(epoch, relative_bias AS relative))) AS bias
  FROM bias
  WHERE sweep = :sweep AND parameter = 'all'
  GROUP BY trial_id
)
SELECT trial_id, lags.phi AS phi, bias
FROM trial_lags
LEFT JOIN trial_bias USING (trial_id)
