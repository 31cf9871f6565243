-- The rows of losses with `own`, by which some truncations are told apart. Reads the views truncations
-- and published.
WITH by_seed AS (
  SELECT
    t.sweep, t.bptt_steps, t.style, t.seq_len, t.own, t.learning_rate, t.setting, t.seed,
    any_value(t.truncation) AS truncation,
    any_value(t.variant) AS variant,
    avg(IF(t.status IN ('FAILED', 'STOPPED'), NULL, t.best_valid_loss)) AS loss,
    count_if(t.status = 'DIVERGED') AS diverged,
    count_if(t.status = 'FAILED') AS failed,
    count_if(t.status = 'STOPPED') AS stopped,
    max(t.epochs_run) AS epochs_run,
    avg(t.tokens_per_second) AS tokens_per_second,
    max(p.valid_loss) AS published_loss,
    max(p.epochs) AS published_epochs
  FROM truncations t
  LEFT JOIN published p
    ON p.corpus_id = t.corpus_id
    AND p.bptt_steps = t.bptt_steps AND p.style = t.style AND p.seq_len = t.seq_len
    AND p.history = t.history
    AND p.learning_rate = t.learning_rate
    AND p.cell = t.cell AND coalesce(t.layers, 1) = 1 AND p.state_size = t.state_size AND p.embed_size = t.embed_size
    AND p.batch_size = t.batch_size AND p.keep_prob = t.keep_prob AND p.optimizer = t.optimizer
    AND p.init = t.init AND p.carry = t.carry AND p.normalisation = t.normalisation
    AND p.schedule = t.schedule AND p.clip_norm = t.clip_norm AND t.update_every IS NULL
  GROUP BY ALL
)
SELECT
  sweep, bptt_steps, style, seq_len, any_value(truncation) AS truncation,
  any_value(variant) AS variant, learning_rate, setting,
  avg(loss) AS valid_loss,
  stddev_samp(loss) / sqrt(count(loss)) AS standard_error,
  count(loss) AS seeds,
  sum(diverged) AS diverged,
  sum(failed) AS failed,
  sum(stopped) AS stopped,
  max(epochs_run) AS epochs_run,
  avg(tokens_per_second) AS tokens_per_second,
  max(published_loss) AS published_loss,
  max(published_epochs) AS published_epochs,
  own
FROM by_seed
GROUP BY ALL
