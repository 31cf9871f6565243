-- How well the corpus of a sweep's last run is predicted without a network, the worst first. Parameter
-- :sweep, the sweep's name. Reads the views baselines and sweeps.
SELECT sweep, model, valid_loss
FROM baselines JOIN sweeps USING (sweep, corpus_id)
WHERE sweep = :sweep
ORDER BY valid_loss DESC
