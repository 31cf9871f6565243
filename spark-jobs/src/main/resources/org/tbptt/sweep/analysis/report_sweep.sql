-- What a sweep was told when it was last run. Parameter :sweep, its name. Reads the view sweeps.
SELECT * FROM sweeps WHERE sweep = :sweep
