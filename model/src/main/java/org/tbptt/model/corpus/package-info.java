/**
 * The data: a {@link org.tbptt.model.corpus.CorpusSource} reads or generates a {@link
 * org.tbptt.model.corpus.Corpus}, whose three token streams a {@link
 * org.tbptt.model.corpus.WindowSource} cuts into windows. Depends on random.
 */
package org.tbptt.model.corpus;
