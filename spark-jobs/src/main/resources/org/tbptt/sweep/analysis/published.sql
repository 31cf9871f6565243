-- What r2rt's "Styles of Truncated Backpropagation" (2016) published: the lowest validation loss in
-- 20 epochs, nats per word, on Penn Treebank. Reads the view published_losses.
SELECT
  bptt_steps, style, seq_len, 0 AS history, learning_rate, valid_loss,
  20 AS epochs,
  'ptb-480bf77ac2939f90' AS corpus_id,
  'tanh' AS cell, 100 AS state_size, 50 AS embed_size, 32 AS batch_size,
  CAST(0.8 AS DOUBLE) AS keep_prob, 'adam' AS optimizer,
  'uniform-unit-scaling' AS init, 'post-dropout' AS carry, 'r2rt' AS normalisation,
  'constant' AS schedule, CAST(0 AS DOUBLE) AS clip_norm
FROM published_losses
