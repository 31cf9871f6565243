package org.tbptt.sweep.live;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Who may read a page. On a loopback address everybody on this machine may; elsewhere who knows the
 * token. Other sites may not, neither by requests of their pages (Origin) nor by a name of theirs
 * that leads here (Host: DNS rebinding).
 *
 * @param name of this machine in the page's URL
 * @param names that a request's Host may be; empty if any IP address may be, too
 * @param token that requests need; empty if none is needed
 */
record LiveAccess(String name, Set<String> names, boolean anyAddress, String token) {

  private static final int TOKEN_BYTES = 32;

  /** Why a request is refused. */
  record Refusal(int status, String reason, Map<String, String> headers) {
    Refusal(int status, String reason) {
      this(status, reason, Map.of());
    }
  }

  /** To what listens at an address that was given as this host. */
  static LiveAccess to(String host, InetAddress address) {
    Set<String> names = new HashSet<>(List.of("localhost", "127.0.0.1", "[::1]"));
    String given = inUrl(host.toLowerCase(Locale.ROOT));
    names.add(given);
    if (address.isLoopbackAddress()) {
      return new LiveAccess(given, names, false, "");
    }
    String name = given;
    try {
      InetAddress here = InetAddress.getLocalHost();
      Stream.of(here.getHostName(), here.getCanonicalHostName())
          .map(each -> each.toLowerCase(Locale.ROOT))
          .forEach(names::add);
      name = address.isAnyLocalAddress() ? inUrl(here.getHostName()) : given;
    } catch (UnknownHostException unnamed) {
      // It is reached by its address.
    }
    byte[] random = new byte[TOKEN_BYTES];
    new SecureRandom().nextBytes(random);
    return new LiveAccess(
        name, names, true, Base64.getUrlEncoder().withoutPadding().encodeToString(random));
  }

  private static String inUrl(String host) {
    return host.contains(":") ? "[" + host + "]" : host;
  }

  /** What stands behind the path in the page's URL. */
  String query() {
    return token.isEmpty() ? "" : "?token=" + token;
  }

  /** Why a request is not answered; empty if it is. */
  Optional<Refusal> refusal(HttpExchange exchange) {
    Headers headers = exchange.getRequestHeaders();
    if (!knowsToken(exchange)) {
      return Optional.of(new Refusal(403, "The URL lacks the token that the sweep has printed."));
    }
    String host = headers.getFirst("Host");
    if (host == null || headers.get("Host").size() > 1 || !isOurs(host)) {
      return Optional.of(new Refusal(403, "Not a name of this machine."));
    }
    List<String> origins = headers.getOrDefault("Origin", List.of());
    if (!origins.stream().allMatch(origin -> origin.equalsIgnoreCase("http://" + host))) {
      return Optional.of(new Refusal(403, "Not for pages of other origins."));
    }
    String method = exchange.getRequestMethod();
    return method.equals("GET") || method.equals("HEAD")
        ? Optional.empty()
        : Optional.of(new Refusal(405, "Only GET and HEAD.", Map.of("Allow", "GET, HEAD")));
  }

  private boolean knowsToken(HttpExchange exchange) {
    return token.isEmpty()
        || MessageDigest.isEqual(
            token.getBytes(StandardCharsets.UTF_8),
            parameter(exchange, "token").getBytes(StandardCharsets.UTF_8));
  }

  private boolean isOurs(String host) {
    String machine = host.replaceFirst(":\\d*$", "").toLowerCase(Locale.ROOT);
    return names.contains(machine) || (anyAddress && isAddress(machine));
  }

  /** Whether it is an IP address: no site can have one as its name. */
  private static boolean isAddress(String machine) {
    return machine.matches("\\d{1,3}(\\.\\d{1,3}){3}|\\[[0-9a-f:.]+]");
  }

  /** What a page has seen last. */
  static String lastEvent(HttpExchange exchange) {
    String reconnected = exchange.getRequestHeaders().getFirst("Last-Event-ID");
    return reconnected != null ? reconnected : parameter(exchange, "since");
  }

  /** A parameter of the query whose value needs no decoding; empty if there is none. */
  private static String parameter(HttpExchange exchange, String name) {
    String query = exchange.getRequestURI().getRawQuery();
    return Stream.ofNullable(query)
        .flatMap(all -> Stream.of(all.split("&")))
        .filter(each -> each.startsWith(name + "="))
        .map(each -> each.substring(name.length() + 1))
        .findFirst()
        .orElse("");
  }
}
