package org.tbptt.model.corpus;

/** Where a corpus comes from. Used on one machine only; what travels is the {@link Corpus}. */
public sealed interface CorpusSource permits PtbSource, TextSource, ToySource {

  /** The word for this source in conf files, and the start of {@link Corpus#id}. */
  String kind();

  /**
   * Reads or generates the corpus.
   *
   * @throws CorpusException when a file can't be used, in one line that names it and what is wrong
   */
  Corpus load();
}
