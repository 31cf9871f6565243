-- Every trial, with two columns that say what sets it apart: `truncation`, how its errors go back, in
-- words, and `setting`, all settings but truncation, learning rate and seed. Trials of the same
-- setting, learning rate and seed differ in their truncation alone. Reads the view trials.
SELECT
  *,
  CASE style WHEN 'tf' THEN style ELSE concat(style, ', seq ', seq_len) END AS truncation,
  struct(
    cell, state_size, embed_size, batch_size, keep_prob, optimizer, clip_norm, init, carry,
    normalisation, epochs, precision) AS setting
FROM trials
