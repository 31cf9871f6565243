package org.tbptt.model.corpus;

import static java.util.Objects.requireNonNull;

import java.io.FileNotFoundException;
import java.nio.file.NoSuchFileException;

/**
 * Penn Treebank as Mikolov prepared it, read as TensorFlow's old PTB reader does: split on
 * whitespace, a newline becomes {@code <eos>}, the vocabulary is that of ptb.train.txt sorted by
 * (-count, word). 10,000 words; 929,589 training, 73,760 validation and 82,430 test tokens.
 *
 * @param path the folder with ptb.train.txt, ptb.valid.txt and ptb.test.txt
 */
public record PtbSource(String path) implements CorpusSource {

  private static final String WHERE_TO_GET_IT =
      "; ptb.train.txt, ptb.valid.txt and ptb.test.txt come in simple-examples.tgz, folder"
          + " simple-examples/data, on Mikolov's rnnlm page"
          + " https://www.fit.vutbr.cz/~imikolov/rnnlm/";

  public PtbSource {
    requireNonNull(path, "path");
  }

  @Override
  public String kind() {
    return "ptb";
  }

  @Override
  public Corpus load(TextFiles files) {
    TokenisedText train = text("train", files);
    TokenisedText valid = text("valid", files);
    TokenisedText test = text("test", files);
    TokenisedText.requireRoom(train, valid, test);
    Vocabulary vocabulary = Vocabulary.byFrequency(train.counts());
    return new Corpus(
        kind(),
        vocabulary,
        stream("train", train, vocabulary),
        stream("valid", valid, vocabulary),
        stream("test", test, vocabulary));
  }

  private TokenisedText text(String split, TextFiles files) {
    try {
      return new TokenisedText(file(split), TextSource.Unit.WORD, files);
    } catch (CorpusException e) {
      boolean missing =
          e.getCause() instanceof NoSuchFileException
              || e.getCause() instanceof FileNotFoundException;
      throw missing ? new CorpusException(e.getMessage() + WHERE_TO_GET_IT, e) : e;
    }
  }

  /**
   * A word that is not in the training file is an error, as in TensorFlow's reader: Penn Treebank
   * has none.
   */
  private TokenStream stream(String split, TokenisedText text, Vocabulary vocabulary) {
    return TokenStream.ofText(
        text.encode(
            word ->
                vocabulary
                    .idOf(word)
                    .orElseThrow(
                        () ->
                            new CorpusException(
                                file(split)
                                    + ": the word '"
                                    + word
                                    + "' is not in ptb.train.txt, so this is not Penn Treebank"
                                    + WHERE_TO_GET_IT))));
  }

  private String file(String split) {
    return path + (path.endsWith("/") ? "" : "/") + "ptb." + split + ".txt";
  }
}
