package org.tbptt.sweep.chaos;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Stands before an object store: counts the requests to it, and lets them wait or fail. It listens
 * to this machine only.
 */
final class UnreliableStore implements AutoCloseable {

  /** A client sets these itself. */
  private static final Set<String> OF_A_CONNECTION =
      Set.of("connection", "content-length", "expect", "host", "upgrade", "transfer-encoding");

  private final URI store;
  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Random random = new Random(7);
  private final Map<String, Long> requests = new TreeMap<>();
  private final AtomicLong bytes = new AtomicLong();
  private volatile Duration delay = Duration.ZERO;
  private volatile double failing;

  UnreliableStore(URI store) throws IOException {
    this.store = store;
    System.setProperty("sun.net.httpserver.nodelay", "true"); // else an answer waits for 40 ms
    this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** Every request takes so much longer from now on. */
  void delay(Duration delay) {
    this.delay = delay;
  }

  /**
   * So many of the requests fail from now on: of a half of them the store never hears, of the other
   * half nobody hears what it answers.
   *
   * @param share 0 to 1
   */
  void fail(double share) {
    this.failing = share;
  }

  /** Works well from now on, and counts anew. */
  void reset() {
    delay = Duration.ZERO;
    failing = 0;
    bytes.set(0);
    synchronized (requests) {
      requests.clear();
    }
  }

  /** Requests by their methods. */
  Map<String, Long> requests() {
    synchronized (requests) {
      return new TreeMap<>(requests);
    }
  }

  /** Bytes of all bodies in both directions. */
  long bytes() {
    return bytes.get();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      synchronized (requests) {
        requests.merge(exchange.getRequestMethod(), 1L, Long::sum);
      }
      Thread.sleep(delay.toMillis());
      double luck;
      synchronized (random) {
        luck = random.nextDouble();
      }
      if (luck < failing / 2) {
        exchange.sendResponseHeaders(503, -1);
        return;
      }
      HttpResponse<byte[]> answer = forward(exchange, body);
      bytes.addAndGet(body.length + answer.body().length);
      if (luck < failing) {
        return; // closes the connection
      }
      pass(answer, exchange);
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }

  private HttpResponse<byte[]> forward(HttpExchange exchange, byte[] body)
      throws IOException, InterruptedException {
    URI asked = exchange.getRequestURI();
    String query = asked.getRawQuery() == null ? "" : "?" + asked.getRawQuery();
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(store + asked.getRawPath() + query))
            .method(
                exchange.getRequestMethod(),
                body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
    exchange
        .getRequestHeaders()
        .forEach(
            (name, values) -> {
              if (!OF_A_CONNECTION.contains(name.toLowerCase(Locale.ROOT))) {
                values.forEach(value -> request.header(name, value));
              }
            });
    return client.send(request.build(), BodyHandlers.ofByteArray());
  }

  private static void pass(HttpResponse<byte[]> answer, HttpExchange exchange) throws IOException {
    boolean head = exchange.getRequestMethod().equals("HEAD");
    answer
        .headers()
        .map()
        .forEach(
            (name, values) -> {
              if (head && name.equals("content-length") || !OF_A_CONNECTION.contains(name)) {
                exchange.getResponseHeaders().put(name, values);
              }
            });
    boolean empty = head || answer.body().length == 0;
    exchange.sendResponseHeaders(answer.statusCode(), empty ? -1 : answer.body().length);
    if (!empty) {
      exchange.getResponseBody().write(answer.body());
    }
  }
}
