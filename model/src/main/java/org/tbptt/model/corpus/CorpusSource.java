package org.tbptt.model.corpus;

/** Where a corpus comes from. Used on the driver only; executors get the {@link Corpus}. */
public sealed interface CorpusSource permits PtbSource, TextSource, ToySource {

  /** Its name in conf files, and the start of {@link Corpus#id}. */
  String kind();

  /**
   * Reads or generates the corpus.
   *
   * @param files where its texts are read from
   * @throws CorpusException if a file cannot be used; one line names the file and the problem
   */
  Corpus load(TextFiles files);
}
