package org.tbptt.sweep.run;

import java.io.Serializable;
import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.tbptt.model.corpus.Corpus;

/**
 * The corpus as it goes to executors. A local master's executor is the driver's own process, and
 * has the driver's object: a copy of a large corpus may have no room beside it.
 */
final class SharedCorpus implements Serializable {

  private static final Map<String, WeakReference<Corpus>> HERE = new ConcurrentHashMap<>();

  private final String id;
  private final Corpus travelling; // null where it need not

  private SharedCorpus(String id, Corpus travelling) {
    this.id = id;
    this.travelling = travelling;
  }

  /** The caller keeps the corpus as long as it is wanted. */
  static SharedCorpus of(Corpus corpus, boolean inThisProcess) {
    if (!inThisProcess) {
      return new SharedCorpus(corpus.id(), corpus);
    }
    HERE.put(corpus.id(), new WeakReference<>(corpus));
    return new SharedCorpus(corpus.id(), null);
  }

  Corpus get() {
    return travelling != null ? travelling : HERE.get(id).get();
  }
}
