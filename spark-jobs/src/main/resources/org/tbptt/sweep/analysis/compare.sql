-- The losses of one sweep in the order in which `compare` prints them. Parameter :sweep, the sweep's
-- name. Reads the view point_losses.
SELECT *
FROM point_losses
WHERE sweep = :sweep
ORDER BY setting, bptt_steps, style DESC, truncation, learning_rate DESC
