-- The trials of a sweep for its report. Parameter :sweep, its name. Reads the view points.
SELECT * FROM points WHERE sweep = :sweep
