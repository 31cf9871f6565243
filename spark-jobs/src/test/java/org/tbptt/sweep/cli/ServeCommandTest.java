package org.tbptt.sweep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Iterator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tbptt.model.train.TrialStatus;
import org.tbptt.model.truncation.TensorFlowStyle;
import org.tbptt.sweep.LocalSpark;
import org.tbptt.sweep.TestTrials;
import org.tbptt.sweep.results.ResultsStore;
import org.tbptt.sweep.results.SweepRecord;

class ServeCommandTest {

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TempDir private Path folder;

  @Test
  @Tag("long")
  void thePageOfASweepChangesWithItsTables() throws Exception {
    ResultsStore store = new ResultsStore(LocalSpark.session(), folder.toString());
    describe(store);
    append(store, 1, 5.5);
    StringWriter err = new StringWriter();
    Thread command =
        new Thread(
            () ->
                TbpttSweep.commandLine()
                    .setErr(new PrintWriter(err))
                    .execute("serve", "--at=0", "--every=1", "--results=" + folder));
    command.start();
    try {
      String url = awaitUrl(err, command);
      JsonObject data = awaitData(url);
      assertThat(data.getAsJsonObject("trials").size()).isEqualTo(1);

      HttpRequest events =
          HttpRequest.newBuilder(URI.create(url + "events?since=" + data.get("live").getAsString()))
              .build();
      try (var lines = HTTP.send(events, BodyHandlers.ofLines()).body()) {
        append(store, 2, 5.25);
        Iterator<String> line = lines.iterator();
        JsonObject changes = new JsonObject();
        while (!changes.has("trials")) { // its curve may come before
          String update = line.next();
          if (update.startsWith("data: ")) {
            JsonParser.parseString(update.substring("data: ".length()))
                .getAsJsonObject()
                .entrySet()
                .forEach(each -> changes.add(each.getKey(), each.getValue()));
          }
        }
        assertThat(changes.keySet()).contains("trials", "curves").doesNotContain("sweep", "levels");
        assertThat(changes.getAsJsonObject("trials").size()).isEqualTo(1); // the new one only
        assertThat(changes.getAsJsonObject("curves").toString()).contains("{\"valid\":[5.25]}");
      }
    } finally {
      command.interrupt();
      command.join();
    }
  }

  @Test
  void withoutTablesThereIsNothingToServe() {
    Submission serve = Submission.to(folder.resolve("none"), "serve", "--at=0");
    assertThat(serve.exit()).isEqualTo(2);
    assertThat(serve.err()).hasLineCount(1).contains("none: has no tables");
  }

  @Test
  void aSweepThatIsNotInTheTablesIsNotServed() throws IOException {
    describe(new ResultsStore(LocalSpark.session(), folder.toString()));
    Submission serve = Submission.to(folder, "serve", "other", "--at=0");
    assertThat(serve.exit()).isEqualTo(2);
    assertThat(serve.err()).hasLineCount(1).contains("sweep other is not in the results");
  }

  @Test
  void aPortInUseIsSaidBeforeAnythingIsWritten() throws IOException {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Path results = folder.resolve("results");
      Submission run =
          Submission.to(results, "run", "--serve=" + other.getLocalPort(), "../conf/toy.conf");
      assertThat(run.exit()).isEqualTo(2);
      assertThat(run.err())
          .startsWith(
              "submit.sh: --serve 127.0.0.1:"
                  + other.getLocalPort()
                  + ": Address already in use\n");
      assertThat(results).doesNotExist();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "70000", "a:b"})
  void whatIsNoAddressIsSaid(String address) {
    Submission run =
        Submission.to(folder.resolve("r"), "run", "--serve=" + address, "../conf/toy.conf");
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err())
        .startsWith("submit.sh: --serve " + address + ": must be PORT or HOST:PORT");
  }

  @Test
  void whatFollowsServeIsTheConfFile() {
    Submission run = Submission.to(folder.resolve("r"), "run", "--serve", "missing.conf");
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).contains("missing.conf").doesNotContain("--serve");
  }

  private static String awaitUrl(StringWriter err, Thread command) throws InterruptedException {
    while (!err.toString().contains("live page: ") || !err.toString().endsWith("\n")) {
      assertThat(command.isAlive()).as(err.toString()).isTrue();
      Thread.sleep(20);
    }
    return err.toString().replaceAll("(?s).*live page: (\\S+).*", "$1");
  }

  private static JsonObject awaitData(String url) throws Exception {
    while (true) {
      String page =
          HTTP.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString())
              .body();
      int begin = page.indexOf("id=\"data\">");
      if (begin >= 0) {
        String rest = page.substring(begin + "id=\"data\">".length());
        return JsonParser.parseString(rest.substring(0, rest.indexOf("</script>")))
            .getAsJsonObject();
      }
      Thread.sleep(50);
    }
  }

  private static void append(ResultsStore store, long seed, double loss) {
    store.append(
        TestTrials.result(
            "served",
            TestTrials.PTB,
            TestTrials.spec(new TensorFlowStyle(5), 0.003, seed),
            TrialStatus.COMPLETED,
            loss));
  }

  private static void describe(ResultsStore store) {
    store.describe(
        new SweepRecord(
            "served", "{}", TestTrials.PTB, 10, 10, 10, 10, 2, "0.1.0", "3.5.9", Instant.EPOCH));
  }
}
