package org.tbptt.model.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TokenisedTextTest {

  @Test
  void aTextWithMoreTokensThanAnArrayHoldsIsRefused() {
    TextFiles text = name -> new ByteArrayInputStream("a b c\n".getBytes(StandardCharsets.UTF_8));

    assertThat(new TokenisedText("a.txt", TextSource.Unit.WORD, text, 4).words()).hasSize(4);
    assertThatThrownBy(() -> new TokenisedText("a.txt", TextSource.Unit.WORD, text, 3))
        .isInstanceOf(CorpusException.class)
        .hasMessage("a.txt: has more than 3 tokens, the limit");
  }

  @Test
  void wordsWithoutRoomInTheHeapAreSaidInOneLine() throws Exception {
    Process small =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx16m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                EndlessWords.class.getName())
            .redirectErrorStream(true)
            .start();

    String output = new String(small.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(small.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(output.strip())
        .matches(
            "endless.txt: a heap of 1\\d MB has no room for its \\d+,\\d+ different words so far:"
                + " --driver-memory gives more");
  }

  /** Reads a text in which no word occurs twice. */
  @SuppressWarnings("InputStreamSlowMultibyteRead")
  static final class EndlessWords extends InputStream {

    private long word;
    private byte[] line = {};
    private int at;

    public static void main(String[] none) {
      try {
        new TokenisedText("endless.txt", TextSource.Unit.WORD, name -> new EndlessWords());
      } catch (CorpusException expected) {
        System.out.println(expected.getMessage());
      }
    }

    @Override
    public int read() throws IOException {
      if (at == line.length) {
        line = (word++ + " ").getBytes(StandardCharsets.UTF_8);
        at = 0;
      }
      return line[at++];
    }
  }
}
