package org.tbptt.sweep.live;

import com.google.gson.JsonObject;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tbptt.sweep.analysis.Report;

/**
 * Serves a page and its updates, by HTTP and server-sent events. It only reads, and knows two
 * paths: / and /events. A page that reads slowly misses updates, and gets the newest state instead.
 */
public final class LiveServer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(LiveServer.class);

  private static final int PAGES = 64;
  private static final long UPDATE_EVERY = 1000; // milliseconds
  private static final long SIGN_OF_LIFE = 15_000; // milliseconds
  private static final long LAST_UPDATE = 20_000; // milliseconds

  private final HttpServer http;
  private final LiveAccess access;
  private final LiveDocument document = new LiveDocument();
  private final byte[] beforeData;
  private final byte[] afterData;
  private final String instance = UUID.randomUUID().toString(); // a page of an earlier one reloads
  private final Semaphore pages = new Semaphore(PAGES);
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          work -> {
            Thread thread = new Thread(work, "live-page-request");
            thread.setDaemon(true);
            return thread;
          });

  private LiveServer(HttpServer http, LiveAccess access) {
    this.http = http;
    this.access = access;
    Report.LivePage page = Report.LivePage.read();
    beforeData = page.beforeData().getBytes(StandardCharsets.UTF_8);
    afterData = page.afterData().getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Starts to listen.
   *
   * @throws IOException if that is not possible; the message says where and why
   */
  public static LiveServer start(LiveAddress address) throws IOException {
    InetSocketAddress socket;
    HttpServer http;
    try {
      socket = address.resolve();
    } catch (UnknownHostException unknown) {
      throw new IOException(address + ": no machine has the name " + address.host(), unknown);
    }
    try {
      http = HttpServer.create(socket, 0);
    } catch (IOException refused) {
      throw new IOException(address + ": " + refused.getMessage(), refused);
    }
    LiveServer server = new LiveServer(http, LiveAccess.to(address.host(), socket.getAddress()));
    http.setExecutor(server.threads);
    http.createContext("/", server::answer);
    http.start();
    return server;
  }

  LiveDocument document() {
    return document;
  }

  /** What a browser opens; secret if there is a token in it. */
  public String url() {
    InetSocketAddress bound = http.getAddress();
    return "http://%s:%d/%s".formatted(access.name(), bound.getPort(), access.query());
  }

  /** Whether a page is open. */
  public boolean isWatched() {
    return pages.availablePermits() < PAGES;
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      exchange.getResponseHeaders().set("Cache-Control", "no-store");
      exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
      exchange.getResponseHeaders().set("Referrer-Policy", "no-referrer");
      exchange.getResponseHeaders().set("Cross-Origin-Resource-Policy", "same-origin");
      exchange
          .getResponseHeaders()
          .set(
              "Content-Security-Policy",
              "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline';"
                  + " img-src data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none';"
                  + " form-action 'none'");
      Optional<LiveAccess.Refusal> refusal = access.refusal(exchange);
      String path = exchange.getRequestURI().getRawPath();
      if (refusal.isPresent()) {
        refusal.get().headers().forEach(exchange.getResponseHeaders()::set);
        send(exchange, refusal.get().status(), "text/plain", refusal.get().reason());
      } else if (path.equals("/")) {
        page(exchange);
      } else if (path.equals("/events")) {
        events(exchange);
      } else {
        send(exchange, 404, "text/plain", "There is only one page, /");
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private void page(HttpExchange exchange) throws IOException {
    Optional<LiveDocument.Update> data = document.whole();
    if (data.isEmpty()) {
      exchange.getResponseHeaders().set("Refresh", "1");
      send(
          exchange,
          200,
          "text/html",
          "<!DOCTYPE html><title>TBPTT Sweep</title><p>The sweep is starting.");
    } else {
      String live = "{\"live\":\"%s.%d\",".formatted(instance, data.get().version());
      byte[] json = (live + data.get().json().substring(1)).getBytes(StandardCharsets.UTF_8);
      send(exchange, 200, "text/html", beforeData, json, afterData);
    }
  }

  private void events(HttpExchange exchange) throws IOException, InterruptedException {
    if (!pages.tryAcquire()) {
      send(
          exchange,
          200,
          "text/event-stream",
          "event: full\ndata: At most %d pages are updated at a time.\n\n".formatted(PAGES));
      return;
    }
    try {
      exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
      boolean head = exchange.getRequestMethod().equals("HEAD");
      exchange.sendResponseHeaders(200, head ? -1 : 0);
      if (!head) {
        updates(LiveAccess.lastEvent(exchange), exchange.getResponseBody());
      }
    } finally {
      exchange.close(); // what was sent is complete before anybody counts on it
      pages.release();
    }
  }

  /** Sends what changes, until the page or the sweep has gone. */
  private void updates(String lastEvent, OutputStream out)
      throws IOException, InterruptedException {
    if (!lastEvent.matches(instance + "\\.\\d{1,18}")) {
      write(out, "event: outdated\ndata: 1\n\n"); // a page of another run
      return;
    }
    long known = Long.parseLong(lastEvent.substring(instance.length() + 1));
    write(out, "retry: 2000\nevent: live\ndata: {}\n\n");
    while (true) {
      Optional<LiveDocument.Update> update = document.next(known, SIGN_OF_LIFE);
      if (update.isEmpty()) {
        write(out, ":\n\n");
        continue;
      }
      known = update.get().version();
      write(out, "id: %s.%d\ndata: %s\n\n".formatted(instance, known, update.get().json()));
      if (update.get().last()) {
        return;
      }
      document.awaitClosed(UPDATE_EVERY); // more changes meanwhile become one update
    }
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  private static void send(HttpExchange exchange, int status, String type, String text)
      throws IOException {
    send(exchange, status, type, text.getBytes(StandardCharsets.UTF_8));
  }

  private static void send(HttpExchange exchange, int status, String type, byte[]... parts)
      throws IOException {
    long length = Stream.of(parts).mapToLong(part -> part.length).sum();
    exchange.getResponseHeaders().set("Content-Type", type + "; charset=utf-8");
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().set("Content-Length", String.valueOf(length));
      exchange.sendResponseHeaders(status, -1);
    } else {
      exchange.sendResponseHeaders(status, length);
      for (byte[] part : parts) {
        exchange.getResponseBody().write(part);
      }
    }
  }

  /** Lets open pages read what has changed last, and stops listening. */
  @Override
  public void close() {
    document.close(new JsonObject());
    try {
      if (pages.tryAcquire(PAGES, LAST_UPDATE, TimeUnit.MILLISECONDS)) {
        pages.release(PAGES);
      } else {
        LOG.debug("a page has not read the last update");
      }
    } catch (InterruptedException hurried) {
      Thread.currentThread().interrupt();
    }
    http.stop(0);
    threads.shutdownNow();
  }
}
