package org.tbptt.sweep.live;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a page is served.
 *
 * @param host as it was given, without brackets
 * @param port 0 for any that is free
 */
public record LiveAddress(String host, int port) {

  /** Where it is served unless told otherwise. */
  public static final int DEFAULT_PORT = 7007;

  private static final Pattern TEXT =
      Pattern.compile("(?:(\\[[0-9a-fA-F:.%]+]|[^:\\[\\]]+):)?(\\d{1,5})");

  /**
   * Reads an address.
   *
   * @param text PORT, or HOST:PORT with an IPv6 address in brackets
   * @throws IllegalArgumentException if it is neither
   */
  public static LiveAddress parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches() || Integer.parseInt(matcher.group(2)) > 65_535) {
      throw new IllegalArgumentException(
          text
              + ": must be PORT or HOST:PORT with a port from 0 to 65535, such as 7007 or 0.0.0.0:7007");
    }
    String host = matcher.group(1) == null ? "127.0.0.1" : matcher.group(1);
    return new LiveAddress(host.replaceAll("[\\[\\]]", ""), Integer.parseInt(matcher.group(2)));
  }

  /**
   * @throws UnknownHostException if no machine has the name
   */
  InetSocketAddress resolve() throws UnknownHostException {
    return new InetSocketAddress(InetAddress.getByName(host), port);
  }

  @Override
  public String toString() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }
}
