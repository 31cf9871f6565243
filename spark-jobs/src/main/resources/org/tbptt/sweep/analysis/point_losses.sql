-- The rows of losses with `own`, by which some truncations are told apart; their words follow from it.
-- Aggregates of numbers alone need no sorting of all trials. Reads the views truncations and published.
WITH by_seed AS (
  SELECT /*+ BROADCAST(p) */
    t.sweep, t.bptt_steps, t.style, t.seq_len, t.own, t.truncation, t.variant, t.learning_rate,
    t.setting, t.seed,
    avg(IF(t.status IN ('FAILED', 'STOPPED'), NULL, t.best_valid_loss)) AS loss,
    count_if(t.status = 'DIVERGED') AS diverged,
    count_if(t.status = 'FAILED') AS failed,
    count_if(t.status = 'STOPPED') AS stopped,
    max(t.epochs_run) AS epochs_run,
    avg(t.tokens_per_second) AS tokens_per_second,
    max(p.valid_loss) AS published_loss,
    max(p.epochs) AS published_epochs,
    max(p.source) AS published_by
  FROM truncations t
  LEFT JOIN published p
    ON p.corpus_id = t.corpus_id
    AND p.bptt_steps = t.bptt_steps AND p.style = t.style AND p.seq_len = t.seq_len
    AND p.history = t.history
    AND p.learning_rate = t.learning_rate
    AND p.cell = t.cell AND p.layers = coalesce(t.layers, 1) AND p.forget_bias <=> t.forget_bias
    AND p.state_size = t.state_size AND p.embed_size = t.embed_size AND p.keep_prob = t.keep_prob
    AND p.init = t.init AND p.init_scale <=> t.init_scale AND p.carry = t.carry
    AND p.batch_size = t.batch_size AND p.optimizer = t.optimizer AND p.normalisation = t.normalisation AND p.clip_norm = t.clip_norm
    AND p.schedule = t.schedule AND p.schedule_factor <=> t.schedule_factor
    AND p.schedule_epochs <=> t.schedule_epochs AND p.schedule_after <=> t.schedule_after AND t.update_every IS NULL
  GROUP BY ALL
)
SELECT
  sweep, bptt_steps, style, seq_len, truncation, variant, learning_rate, setting,
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
  max(published_by) AS published_by,
  own
FROM by_seed
GROUP BY ALL
