package dev.jbuild.netplan;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.net.Inet6Address;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * Ports of one address of the host, TCP and UDP.
 *
 * @param address of the host
 * @param first 1 to 65535
 * @param last not below the first
 */
public record HostPorts(InetAddress address, int first, int last) {
  private static final int MAX_PORT = 65_535;

  public HostPorts {
    if (first < 1 || last < first || last > MAX_PORT) {
      throw new IllegalArgumentException("host ports: " + first + " to " + last);
    }
  }

  /**
   * Reads {@code 127.0.0.1:5432}, {@code 127.0.0.1:5000-5999}, {@code [::1]:80}.
   *
   * @throws BuildException INVALID
   */
  public static HostPorts parse(String text) {
    int colon = text.lastIndexOf(':');
    String host = text.substring(0, Math.max(0, colon));
    boolean bracketed = host.startsWith("[") && host.endsWith("]") && host.length() > 1;
    var address = AddressText.read(bracketed ? host.substring(1, host.length() - 1) : host);
    if (address == null || bracketed != (address instanceof Inet6Address)) {
      throw unreadable(text, null);
    }
    if (address.isAnyLocalAddress() || address.isMulticastAddress()) {
      throw new BuildException(
          Code.INVALID,
          "host ports '"
              + text
              + "': "
              + AddressText.of(address)
              + " is no address that a service has; name one of the host's, such as 127.0.0.1");
    }
    String ports = text.substring(colon + 1);
    int dash = ports.indexOf('-');
    try {
      int first = port(dash < 0 ? ports : ports.substring(0, dash));
      return new HostPorts(address, first, dash < 0 ? first : port(ports.substring(dash + 1)));
    } catch (IllegalArgumentException e) {
      throw unreadable(text, e);
    }
  }

  private static int port(String digits) {
    if (digits.isEmpty()
        || digits.length() > 5
        || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw new IllegalArgumentException("port");
    }
    return Integer.parseInt(digits);
  }

  private static BuildException unreadable(String text, @Nullable Exception cause) {
    return new BuildException(
        Code.INVALID,
        "want address and port of the host such as 127.0.0.1:5432 or 127.0.0.1:5000-5999, got '"
            + text
            + "'",
        cause);
  }

  /** Whether all of the other's ports are among these. */
  public boolean covers(HostPorts other) {
    return address.equals(other.address) && first <= other.first && other.last <= last;
  }

  /** As {@link #parse} reads it. */
  @Override
  public String toString() {
    String plain = AddressText.of(address);
    String host = address instanceof Inet6Address ? "[" + plain + "]" : plain;
    return host + ":" + first + (last == first ? "" : "-" + last);
  }
}
