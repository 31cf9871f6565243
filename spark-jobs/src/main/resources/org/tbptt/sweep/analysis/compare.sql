-- The lowest validation loss of each setting of one sweep, over its seeds; nats per token.
-- Parameter :sweep, the sweep's name. Reads the views trials and published.
SELECT
  t.bptt_steps, t.style, t.seq_len, t.learning_rate,
  t.cell, t.state_size, t.embed_size, t.batch_size, t.keep_prob, t.optimizer, t.clip_norm,
  t.init, t.carry, t.normalisation, t.epochs, t.precision,
  avg(t.best_valid_loss) AS valid_loss,
  stddev_samp(t.best_valid_loss) AS spread,
  count(t.best_valid_loss) AS seeds,
  count_if(t.status = 'DIVERGED') AS diverged,
  count_if(t.status = 'FAILED') AS failed,
  max(t.epochs_run) AS epochs_run,
  max(p.valid_loss) AS published_loss,
  max(p.epochs) AS published_epochs
FROM trials t
LEFT JOIN published p
  ON p.corpus_id = t.corpus_id
  AND p.bptt_steps = t.bptt_steps AND p.style = t.style AND p.seq_len = t.seq_len
  AND p.learning_rate = t.learning_rate
  AND p.cell = t.cell AND p.state_size = t.state_size AND p.embed_size = t.embed_size
  AND p.batch_size = t.batch_size AND p.keep_prob = t.keep_prob AND p.optimizer = t.optimizer
WHERE t.sweep = :sweep
GROUP BY ALL
ORDER BY
  t.cell, t.state_size, t.embed_size, t.batch_size, t.keep_prob, t.optimizer, t.clip_norm,
  t.init, t.carry, t.normalisation, t.epochs, t.precision,
  t.bptt_steps, t.style DESC, t.seq_len, t.learning_rate DESC
