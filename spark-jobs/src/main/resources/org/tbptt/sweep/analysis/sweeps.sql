-- Every sweep with its state, the one that was run last first.
SELECT
  s.sweep, s.conf, s.corpus_id, s.planned_trials, count(t.trial_id) AS ended_trials,
  count_if(t.status = 'FAILED') AS failed_trials,
  count(t.candidate) > 0 AS searched, -- its trials, or some of them, are candidates of a search
  s.started_at
FROM sweeps s
LEFT JOIN trials t ON t.sweep = s.sweep
GROUP BY s.sweep, s.conf, s.corpus_id, s.planned_trials, s.started_at
ORDER BY s.started_at DESC
