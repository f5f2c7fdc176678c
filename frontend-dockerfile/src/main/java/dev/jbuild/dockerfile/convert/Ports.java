package dev.jbuild.dockerfile.convert;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the ports of EXPOSE: {@code 80}, {@code 80/udp}, {@code 8000-8010/tcp}. */
final class Ports {
  private static final int MAX_PORT = 65535;
  private static final Pattern FORM =
      Pattern.compile("(?:.*:)?([0-9]{1,5})(?:-([0-9]{1,5}))?(?:/([A-Za-z]*))?");
  private static final List<String> PROTOCOLS = List.of("tcp", "udp", "sctp");

  private Ports() {}

  /** One entry a port, {@code 80/tcp}. A host's address and port in front are left out. */
  static List<String> parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "want a port such as 80, 80/udp or 8000-8010, got '" + text + "'");
    }
    String protocol = matcher.group(3);
    protocol = protocol == null || protocol.isEmpty() ? "tcp" : protocol.toLowerCase(Locale.ROOT);
    if (!PROTOCOLS.contains(protocol)) {
      throw new IllegalArgumentException(
          "unknown protocol '" + protocol + "' in '" + text + "', want tcp, udp or sctp");
    }
    int first = Integer.parseInt(matcher.group(1));
    int last = matcher.group(2) == null ? first : Integer.parseInt(matcher.group(2));
    if (last > MAX_PORT || first > last) {
      throw new IllegalArgumentException(
          "a port is a number up to 65535 and a range goes upwards, got '" + text + "'");
    }
    var ports = new ArrayList<String>();
    for (int port = first; port <= last; port++) {
      ports.add(port + "/" + protocol);
    }
    return ports;
  }
}
