package org.tbptt.sweep.models;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.nd4j.linalg.learning.config.Adam;
import org.tbptt.model.corpus.Vocabulary;
import org.tbptt.model.handover.Dl4jNetwork;
import org.tbptt.model.handover.Dl4jZip;
import org.tbptt.model.store.StoredModel;
import org.tbptt.sweep.results.AtomicFile;
import org.tbptt.sweep.results.ResultsException;

/** A kept model as files for other programs: a DL4J network, the vocabulary, and the weights. */
public final class Export {

  static final String NETWORK = "model.zip";
  static final String WORDS = "vocab.txt";
  static final String WEIGHTS = "model.safetensors";

  private final StoredModel model;
  private final Vocabulary vocabulary;
  private final Configuration hadoop;

  /**
   * @param hadoop how the local file system is reached
   */
  public Export(StoredModel model, Vocabulary vocabulary, Configuration hadoop) {
    this.model = model;
    this.vocabulary = vocabulary;
    this.hadoop = hadoop;
  }

  /**
   * Writes the files atomically and replaces existing ones. The network is read back and its
   * weights are compared before the file gets its final name.
   *
   * @param folder is created if it does not exist
   * @return the files
   * @throws ResultsException if they cannot be written
   */
  public List<Path> write(Path folder) {
    try {
      Files.createDirectories(folder);
      List<Path> files = new ArrayList<>();
      if (hasNetwork()) {
        files.add(write(folder.resolve(NETWORK), this::network));
      }
      files.add(write(folder.resolve(WORDS), temporary -> Files.writeString(temporary, words())));
      files.add(write(folder.resolve(WEIGHTS), this::weights));
      return files;
    } catch (IOException refused) {
      throw new ResultsException(
          "--output " + folder + ": cannot be written: " + refused.getMessage(), refused);
    }
  }

  /** Whether DL4J has layers for the network, so that {@link #write} includes it. */
  public boolean hasNetwork() {
    return Dl4jNetwork.has(model.card().spec().model());
  }

  private void network(Path file) throws IOException {
    Adam updater = new Adam(model.card().spec().training().learningRate());
    Dl4jZip.write(Dl4jNetwork.of(model.card().spec().model(), model.weights(), updater), file);
    Dl4jZip.read(file, model.card().spec().model(), model.weights()).close();
  }

  /** One word per line, in the order of their ids. */
  private String words() {
    return String.join("\n", vocabulary.words()) + "\n";
  }

  private void weights(Path file) throws IOException {
    try (OutputStream out = Files.newOutputStream(file)) {
      model.write(out);
    }
  }

  private Path write(Path target, Writer writer) throws IOException {
    if (Files.isDirectory(target)) { // Hadoop would move the file into it
      throw new FileSystemException(target + " is a folder");
    }
    AtomicFile.write(
        new org.apache.hadoop.fs.Path(target.toUri()),
        hadoop,
        temporary -> writer.writeTo(Path.of(temporary.toUri())));
    return target;
  }

  private interface Writer {
    void writeTo(Path temporary) throws IOException;
  }
}
