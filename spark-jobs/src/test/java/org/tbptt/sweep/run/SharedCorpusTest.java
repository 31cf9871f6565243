package org.tbptt.sweep.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.corpus.ToySource;

class SharedCorpusTest {

  private final Corpus corpus = new ToySource(List.of(3, 8), 10_000, 1_000, 1_000, 1).load();

  @Test
  void aLocalMastersTasksHaveTheDriversOwnObject() throws Exception {
    byte[] bytes = bytes(SharedCorpus.of(corpus, true));

    assertThat(bytes.length).isLessThan(1_000);
    assertThat(copy(bytes).get()).isSameAs(corpus);
  }

  @Test
  void executorsHaveACopy() throws Exception {
    byte[] bytes = bytes(SharedCorpus.of(corpus, false));

    assertThat(bytes.length).isBetween(2 * 4 * 12_000, 2 * 4 * 12_000 + 2_000);
    assertThat(copy(bytes).get()).isNotSameAs(corpus);
    assertThat(copy(bytes).get().id()).isEqualTo(corpus.id());
  }

  private static byte[] bytes(SharedCorpus shared) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(shared);
    }
    return bytes.toByteArray();
  }

  private static SharedCorpus copy(byte[] bytes) throws Exception {
    try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes))) {
      return (SharedCorpus) in.readObject();
    }
  }
}
