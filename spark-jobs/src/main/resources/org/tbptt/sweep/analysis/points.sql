-- Every trial, with columns that say what sets it apart: `truncation`, how its errors go back, in
-- words; `variant`, the same without the length of its windows; and `setting`, corpus and all settings
-- but truncation, learning rate and seed. Trials of the same setting, learning rate and seed differ in
-- their truncation alone. Of the engines only dl4j is told apart from the others, which compute the
-- same numbers: the setting `engine` is dl4j or tbptt. Reads the view trials.
SELECT
  trials.*,
  concat_ws(', ', style, IF(style = 'tf', NULL, concat('seq ', seq_len)), own) AS truncation,
  concat_ws(', ', style, own) AS variant,
  struct(
    cell, coalesce(layers, 1) AS layers, coalesce(forget_bias, 1) AS forget_bias, state_size, embed_size, batch_size, keep_prob, optimizer, momentum, rms_decay,
    update_every, schedule, schedule_factor, schedule_epochs,
    IF(schedule_after = IF(schedule = 'step', schedule_epochs, 0), NULL, schedule_after) AS schedule_after,
    clip_norm, init, coalesce(init_scale, 0.1) AS init_scale, carry, normalisation,
    epochs, precision, IF(engine = 'dl4j', engine, 'tbptt') AS engine, corpus_id) AS setting
FROM trials, LATERAL (
  SELECT array(
    IF(style = 'interval', concat('k1 ', k1), NULL),
    IF(style = 'random', concat('pi ', link_keep), NULL),
    IF(style = 'adaptive', concat('delta ', delta), NULL),
    IF(history > 0, 'history', NULL)) AS own)
