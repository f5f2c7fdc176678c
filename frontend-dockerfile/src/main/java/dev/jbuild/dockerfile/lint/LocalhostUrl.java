package dev.jbuild.dockerfile.lint;

import dev.jbuild.error.BuildException;
import dev.jbuild.netplan.HostPorts;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A URL whose host is the machine that it is used on.
 *
 * @param start of it in the text
 * @param host as written
 * @param port as written, else the scheme's usual one; 0 where it is not known
 */
record LocalhostUrl(String text, int start, String host, int port, boolean portWritten) {
  private static final String NAME = "localhost";
  private static final String IPV4 = "127.0.0.1";
  private static final String IPV6 = "[::1]";
  private static final Pattern FORM =
      Pattern.compile(
          "(?i)\\b([a-z][a-z0-9+.-]{0,15}+)://(?:[^\\s/@'\"]*@)?"
              + "(localhost|127(?:\\.[0-9]{1,3}){3}|\\[::1\\])(?![\\w.-])(?::([0-9]{1,5})(?![0-9]))?"
              + "[^\\s'\"`;|&<>()]*");

  /** Whether the text has one. */
  static boolean isIn(String text) {
    return FORM.matcher(text).find();
  }

  /** All of a text, in order. */
  static List<LocalhostUrl> all(String text) {
    return FORM.matcher(text).results().map(LocalhostUrl::of).toList();
  }

  private static LocalhostUrl of(MatchResult found) {
    String written = found.group(3);
    boolean unclear =
        written == null && found.group().startsWith(":", found.end(2) - found.start());
    int port =
        written != null ? Integer.parseInt(written) : unclear ? 0 : usualPort(found.group(1));
    return new LocalhostUrl(found.group(), found.start(), found.group(2), port, written != null);
  }

  private static int usualPort(String scheme) {
    return switch (scheme.toLowerCase(Locale.ROOT)) {
      case "http", "ws" -> 80;
      case "https", "wss" -> 443;
      case "git" -> 9418;
      case "ssh" -> 22;
      case "ftp" -> 21;
      default -> 0;
    };
  }

  /** What {@code --allow} takes to reach it; null where no port is written, or none that is one. */
  @Nullable HostPorts grant() {
    return portWritten ? ports(host.equalsIgnoreCase(NAME) ? IPV4 : host) : null;
  }

  /** Whether steps reach it with these ports of the host. */
  boolean isGranted(List<HostPorts> granted) {
    // A program that is told the name tries both addresses.
    List<String> addresses = host.equalsIgnoreCase(NAME) ? List.of(IPV4, IPV6) : List.of(host);
    for (String address : addresses) {
      HostPorts wanted = ports(address);
      if (wanted != null && granted.stream().anyMatch(ports -> ports.covers(wanted))) {
        return true;
      }
    }
    return false;
  }

  private @Nullable HostPorts ports(String address) {
    try {
      return HostPorts.parse(address + ":" + port);
    } catch (BuildException notAnAddress) {
      return null;
    }
  }
}
