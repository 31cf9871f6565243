-- What all trials of a sweep were, to sum up those that its report does not show. Parameter :sweep,
-- its name. Reads the view trials.
SELECT trial_id, status, train_seconds, train_tokens FROM trials WHERE sweep = :sweep
