-- How many trials of a sweep reached each rung, and how many were stopped there. Parameter :sweep, its
-- name. Reads the view rungs.
SELECT rung, epoch, count(*) AS reached, count_if(stopped) AS stopped
FROM rungs
WHERE sweep = :sweep
GROUP BY rung, epoch
ORDER BY rung, epoch
