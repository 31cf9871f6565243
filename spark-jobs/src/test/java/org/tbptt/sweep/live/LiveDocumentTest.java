package org.tbptt.sweep.live;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import org.junit.jupiter.api.Test;

class LiveDocumentTest {

  private final LiveDocument document = new LiveDocument();

  @Test
  void aReaderGetsTheNewestStateOfWhatHasChangedSince() throws InterruptedException {
    document.put(json("{sweep: 'a', trials: {x: {loss: 1}, y: {loss: 2}}}"));
    long known = document.whole().orElseThrow().version();
    document.put(json("{trials: {x: {loss: 3}}}"));
    document.put(json("{trials: {x: {loss: 4}}, events: ['lost']}"));

    LiveDocument.Update update = document.next(known, 0).orElseThrow();

    assertThat(json(update.json())).isEqualTo(json("{events: ['lost'], trials: {x: {loss: 4}}}"));
    assertThat(document.next(update.version(), 0)).isEmpty();
  }

  @Test
  void whatIsPutAgainIsNoNews() throws InterruptedException {
    document.put(json("{sweep: 'a', trials: {x: {loss: 1}}}"));
    document.put(json("{sweep: 'a', trials: {x: {loss: 1}}, running: {x: null}}"));

    assertThat(document.next(1, 0)).isEmpty();
  }

  @Test
  void aRowThatIsGoneIsNullOnce() throws InterruptedException {
    document.put(json("{running: {x: {epoch: 1}, y: {epoch: 1}}, trials: {}}"));
    document.replace(json("{running: {y: {epoch: 1}}}"));

    assertThat(json(document.next(1, 0).orElseThrow().json()))
        .isEqualTo(json("{running: {x: null}}"));
    assertThat(json(document.whole().orElseThrow().json()).get("running"))
        .isEqualTo(json("{y: {epoch: 1}}"));
  }

  @Test
  void textCannotEndTheElementThatItStandsIn() {
    document.put(json("{sweep: '</script><img src=x onerror=alert(1)> \\u2028'}"));

    String text = document.whole().orElseThrow().json();

    assertThat(text).doesNotContain("<", ">", "\u2028", "\n");
    assertThat(json(text).get("sweep").getAsString())
        .isEqualTo("</script><img src=x onerror=alert(1)> \u2028");
  }

  @Test
  void aReaderThatWaitsIsToldOfTheEnd() throws Exception {
    document.put(json("{sweep: 'a'}"));
    Thread end = new Thread(() -> document.close(new JsonObject()));
    end.start();

    assertThat(document.next(1, 60_000).orElseThrow().last()).isTrue();
    end.join();
  }

  @Test
  void whoAsksFromEveryVersionDoesNotFillTheMemory() throws InterruptedException {
    for (int loss = 0; loss < 100; loss++) {
      document.put(json("{trials: {x: {loss: %d}}}".formatted(loss)));
    }
    document.close(new JsonObject());
    for (int known = -1000; known < 100; known++) {
      String update = document.next(known, 0).orElseThrow().json();
      assertThat(json(update).getAsJsonObject("trials"))
          .as("since version %d", known)
          .isEqualTo(json("{x: {loss: 99}}"));
    }

    assertThat(document.keptUpdates()).isLessThanOrEqualTo(8);
  }

  private static JsonObject json(String text) {
    return JsonParser.parseString(text).getAsJsonObject();
  }
}
