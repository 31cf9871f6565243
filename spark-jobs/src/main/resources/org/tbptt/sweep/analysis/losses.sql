-- The lowest validation loss of each point of a sweep: mean and standard error over its seeds, nats
-- per token, and what was published for the same settings. Reads the views points and published.
SELECT
  t.sweep, t.bptt_steps, t.style, t.seq_len, t.truncation, t.learning_rate, t.setting,
  avg(t.best_valid_loss) AS valid_loss,
  stddev_samp(t.best_valid_loss) / sqrt(count(t.best_valid_loss)) AS standard_error,
  count(t.best_valid_loss) AS seeds,
  count_if(t.status = 'DIVERGED') AS diverged,
  count_if(t.status = 'FAILED') AS failed,
  max(t.epochs_run) AS epochs_run,
  avg(t.tokens_per_second) AS tokens_per_second,
  max(p.valid_loss) AS published_loss,
  max(p.epochs) AS published_epochs
FROM points t
LEFT JOIN published p
  ON p.corpus_id = t.corpus_id
  AND p.bptt_steps = t.bptt_steps AND p.style = t.style AND p.seq_len = t.seq_len
  AND p.history = t.history
  AND p.learning_rate = t.learning_rate
  AND p.cell = t.cell AND p.state_size = t.state_size AND p.embed_size = t.embed_size
  AND p.batch_size = t.batch_size AND p.keep_prob = t.keep_prob AND p.optimizer = t.optimizer
  AND p.init = t.init AND p.carry = t.carry AND p.normalisation = t.normalisation
  AND p.schedule = t.schedule AND p.clip_norm = t.clip_norm AND t.update_every IS NULL
GROUP BY ALL
