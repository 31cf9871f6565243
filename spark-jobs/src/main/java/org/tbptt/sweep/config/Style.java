package org.tbptt.sweep.config;

import java.util.Set;
import org.tbptt.model.truncation.AdaptiveStyle;
import org.tbptt.model.truncation.FullStyle;
import org.tbptt.model.truncation.IntervalStyle;
import org.tbptt.model.truncation.RandomStyle;
import org.tbptt.model.truncation.SentenceStyle;
import org.tbptt.model.truncation.TensorFlowStyle;
import org.tbptt.model.truncation.TrueStyle;
import org.tbptt.model.truncation.Truncation;

/** The kinds of the grid's style axis; their settings are the components of the styles' records. */
enum Style {
  TF(TensorFlowStyle.class),
  TRUE(TrueStyle.class),
  FULL(FullStyle.class),
  INTERVAL(IntervalStyle.class),
  RANDOM(RandomStyle.class),
  SENTENCE(SentenceStyle.class),
  ADAPTIVE(AdaptiveStyle.class);

  private final Class<? extends Record> type;

  <R extends Record & Truncation> Style(Class<R> type) {
    this.type = type;
  }

  Class<? extends Record> type() {
    return type;
  }

  /** Such as k1, k2, seq-len and history. */
  Set<String> settings() {
    return SettingNames.of(type);
  }
}
