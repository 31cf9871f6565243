package org.tbptt.sweep.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LiveServerTest {

  private LiveServer server;

  @AfterEach
  void stop() {
    if (server != null) {
      server.close();
    }
  }

  @Test
  void thePageMayBeReadAndNothingElse() throws IOException {
    start("127.0.0.1:0");

    assertThat(get("/"))
        .startsWith("HTTP/1.1 200 OK")
        .contains("\"sweep\":\"s\"", "Cache-control: no-store", "X-content-type-options: nosniff")
        .contains("Content-security-policy: default-src 'none';", "frame-ancestors 'none'");
    assertThat(ask("HEAD / HTTP/1.1", "Host: localhost:1"))
        .startsWith("HTTP/1.1 200 OK")
        .doesNotContain("<html");
    for (String path : new String[] {"/x", "/../etc/passwd", "/%2e%2e/", "//events", "/events/"}) {
      assertThat(get(path)).as(path).startsWith("HTTP/1.1 404 ");
    }
    for (String method : new String[] {"POST", "PUT", "DELETE", "OPTIONS", "TRACE"}) {
      assertThat(ask(method + " / HTTP/1.1", "Host: localhost"))
          .as(method)
          .startsWith("HTTP/1.1 405 ")
          .contains("Allow: GET, HEAD");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"evil.example", "evil.example:7007", "localhost.evil.example", "10.1.2.3"})
  void aNameThatIsNotOursIsRefused(String host) throws IOException {
    start("127.0.0.1:0");

    assertThat(ask("GET / HTTP/1.1", "Host: " + host))
        .startsWith("HTTP/1.1 403 ")
        .contains("Not a name of this machine.")
        .doesNotContain("sweep\":");
  }

  @Test
  void aRequestOfAnotherOriginIsRefused() throws IOException {
    start("127.0.0.1:0");

    for (String origin : new String[] {"http://evil.example", "null", "http://localhost:1"}) {
      assertThat(ask("GET /events HTTP/1.1", "Host: localhost:7007", "Origin: " + origin))
          .as(origin)
          .startsWith("HTTP/1.1 403 ");
    }
    assertThat(ask("GET / HTTP/1.1", "Host: localhost:7007", "Origin: http://localhost:7007"))
        .startsWith("HTTP/1.1 200 ");
  }

  @Test
  void elsewhereThanOnThisMachineEveryRequestNeedsTheToken() throws IOException {
    start("0.0.0.0:0");
    String token = URI.create(server.url()).getQuery();

    assertThat(token).matches("token=[\\w-]{43}");
    for (String path :
        new String[] {"/", "/events", "/x", "/?token=", "/?token=" + "A".repeat(43)}) {
      assertThat(get(path)).as(path).startsWith("HTTP/1.1 403 ").doesNotContain("sweep\":");
    }
    assertThat(get("/?" + token)).startsWith("HTTP/1.1 200 ");
    assertThat(ask("GET /?" + token + " HTTP/1.1", "Host: 10.1.2.3:99"))
        .startsWith("HTTP/1.1 200 ");
    assertThat(ask("GET /?" + token + " HTTP/1.1", "Host: evil.example"))
        .startsWith("HTTP/1.1 403 ");
  }

  @Test
  void aPageTooManyIsToldWhyItGetsNoUpdates() throws IOException {
    start("127.0.0.1:0");
    String live = get("/").replaceAll("(?s).*\"live\":\"([^\"]+)\".*", "$1");
    URI url = URI.create(server.url());
    List<Socket> open = new ArrayList<>();
    try {
      for (int page = 0; page < 64; page++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), url.getPort());
        open.add(socket);
        socket
            .getOutputStream()
            .write(
                "GET /events?since=%s HTTP/1.1\r\nHost: localhost\r\n\r\n"
                    .formatted(live)
                    .getBytes(StandardCharsets.UTF_8));
        assertThat(socket.getInputStream().read()).isEqualTo('H'); // it is served
      }

      assertThat(get("/events?since=" + live))
          .startsWith("HTTP/1.1 200 OK")
          .contains("event: full\ndata: At most 64 pages are updated at a time.\n\n");
    } finally {
      for (Socket socket : open) {
        socket.close();
      }
    }
  }

  @Test
  void anOpenPageIsToldOfChangesAndOfTheEnd() throws Exception {
    start("127.0.0.1:0");
    String page = get("/");
    String live = page.replaceAll("(?s).*\"live\":\"([^\"]+)\".*", "$1");
    Thread end =
        new Thread(
            () ->
                server
                    .document()
                    .close(JsonParser.parseString("{ending: 'over'}").getAsJsonObject()));
    end.start();

    String events = get("/events?since=" + live);

    end.join();
    assertThat(events)
        .contains("Content-type: text/event-stream", "data: {\"ending\":\"over\"}\n\n");
    assertThat(ask("GET /events HTTP/1.1", "Host: localhost", "Last-Event-ID: another-run.3"))
        .contains("event: outdated\n");
  }

  @Test
  void aPortInUseIsSaid() throws IOException {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      LiveAddress address = new LiveAddress("127.0.0.1", other.getLocalPort());
      assertThatThrownBy(() -> LiveServer.start(address))
          .isInstanceOf(IOException.class)
          .hasMessage("127.0.0.1:" + other.getLocalPort() + ": Address already in use");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "7007, 127.0.0.1, 7007",
    "0.0.0.0:80, 0.0.0.0, 80",
    "gpu-1.example:0, gpu-1.example, 0",
    "[::1]:7007, ::1, 7007"
  })
  void anAddressIsAPortOrAHostAndAPort(String text, String host, int port) {
    assertThat(LiveAddress.parse(text)).isEqualTo(new LiveAddress(host, port));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "65536", "-1", "host:", "::1:80", "a:b:1", "http://x:1"})
  void whatIsNoAddressIsSaid(String text) {
    assertThatThrownBy(() -> LiveAddress.parse(text))
        .hasMessage(
            text
                + ": must be PORT or HOST:PORT with a port from 0 to 65535, such as 7007 or"
                + " 0.0.0.0:7007");
  }

  private void start(String address) throws IOException {
    server = LiveServer.start(LiveAddress.parse(address));
    server.document().put(JsonParser.parseString("{sweep: 's', trials: {}}").getAsJsonObject());
  }

  private String get(String path) throws IOException {
    return ask("GET " + path + " HTTP/1.1", "Host: localhost");
  }

  /** The whole answer to a request; a client library would not send all of these. */
  private String ask(String... lines) throws IOException {
    int port = URI.create(server.url()).getPort();
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      String request = String.join("\r\n", lines) + "\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
