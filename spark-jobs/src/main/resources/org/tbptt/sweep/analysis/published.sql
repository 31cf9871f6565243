-- Lowest validation losses that others published for Penn Treebank, nats per word, and the settings they belong to: those of r2rt's
-- "Styles of Truncated Backpropagation" (2016), of the small LSTM of TensorFlow's tutorial on Penn Treebank, and of the medium one of
-- Zaremba, Sutskever and Vinyals, "Recurrent Neural Network Regularization" (2014). Those of LSTMs are losses after the last epoch.
SELECT
  bptt_steps, style, seq_len, 0 AS history, learning_rate, valid_loss, 20 AS epochs,
  'r2rt, "Styles of Truncated Backpropagation"' AS source,
  'ptb-480bf77ac2939f90' AS corpus_id,
  'tanh' AS cell, 1 AS layers, CAST(NULL AS DOUBLE) AS forget_bias, 100 AS state_size, 50 AS embed_size, CAST(0.8 AS DOUBLE) AS keep_prob,
  'uniform-unit-scaling' AS init, CAST(NULL AS DOUBLE) AS init_scale, 'post-dropout' AS carry,
  32 AS batch_size, 'adam' AS optimizer, 'r2rt' AS normalisation, CAST(0 AS DOUBLE) AS clip_norm,
  'constant' AS schedule, CAST(NULL AS DOUBLE) AS schedule_factor, CAST(NULL AS INT) AS schedule_epochs, CAST(NULL AS INT) AS schedule_after
FROM VALUES
  (5, 'true', 20, 0.003D, 5.12D), (5, 'true', 20, 0.001D, 5.01D), (5, 'true', 20, 0.0003D, 5.09D),
  (5, 'tf', 5, 0.003D, 5.21D), (5, 'tf', 5, 0.001D, 5.04D), (5, 'tf', 5, 0.0003D, 5.04D),
  (10, 'true', 30, 0.003D, 5.07D), (10, 'true', 30, 0.001D, 5.00D), (10, 'true', 30, 0.0003D, 5.12D),
  (10, 'tf', 10, 0.003D, 5.15D), (10, 'tf', 10, 0.001D, 5.03D), (10, 'tf', 10, 0.0003D, 5.05D),
  (20, 'true', 40, 0.003D, 5.05D), (20, 'true', 40, 0.001D, 5.00D), (20, 'true', 40, 0.0003D, 5.15D),
  (20, 'tf', 20, 0.003D, 5.11D), (20, 'tf', 20, 0.001D, 4.99D), (20, 'tf', 20, 0.0003D, 5.08D),
  (40, 'tf', 40, 0.003D, 5.05D), (40, 'tf', 40, 0.001D, 4.99D), (40, 'tf', 40, 0.0003D, 5.15D)
  AS (bptt_steps, style, seq_len, learning_rate, valid_loss)
UNION ALL
SELECT
  bptt_steps, 'tf', bptt_steps, 0, 1, ln(valid_perplexity), epochs, source,
  'ptb-480bf77ac2939f90',
  'lstm', 2, 0, size, size, keep_prob,
  'uniform', init_scale, 'state',
  20, 'sgd', 'batch', 5,
  'step', schedule_factor, 1, schedule_after
FROM VALUES
  (20, 200, 1.0D, 0.1D, 13, 0.5D, 4, 121.4D, "TensorFlow's tutorial"),
  (35, 650, 0.5D, 0.05D, 39, 0.8D, 6, 86.2D, 'Zaremba, Sutskever and Vinyals (2014)'),
  -- As the first script of TensorFlow's tutorial counts epochs, and as the authors' program schedules the rate.
  (35, 650, 0.5D, 0.05D, 39, 0.8D, 7, 86.2D, 'Zaremba, Sutskever and Vinyals (2014)'),
  (35, 650, 0.5D, 0.05D, 39, 1D / 1.2D, 7, 86.2D, 'Zaremba, Sutskever and Vinyals (2014)')
  AS (bptt_steps, size, keep_prob, init_scale, epochs, schedule_factor, schedule_after, valid_perplexity, source)
