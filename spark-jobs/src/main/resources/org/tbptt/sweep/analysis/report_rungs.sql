-- The verdicts on the trials of a sweep at the rungs that they reached. Parameter :sweep, its name.
-- Reads the view rungs.
SELECT trial_id, candidate, rung, epoch, loss, stopped FROM rungs WHERE sweep = :sweep
ORDER BY rung, candidate
