package dev.jbuild.netplan;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Resolvers and names of steps. What is empty is the host's.
 *
 * @param servers asked in this order
 * @param search domains that short names are tried in
 * @param options as in resolv.conf(5): {@code ndots:2}
 */
public record DnsSettings(List<InetAddress> servers, List<String> search, List<String> options) {

  /** All is the host's. */
  public static final DnsSettings NONE = new DnsSettings(List.of(), List.of(), List.of());

  private static final int MAX_ENTRIES = 32;

  public DnsSettings {
    servers = List.copyOf(servers);
    search = List.copyOf(search);
    options = List.copyOf(options);
  }

  /**
   * Reads what a user wrote.
   *
   * @throws BuildException INVALID
   */
  public static DnsSettings parse(List<String> servers, List<String> search, List<String> options) {
    check("dns", servers);
    check("dns-search", search);
    check("dns-option", options);
    var addresses = new ArrayList<InetAddress>();
    for (String server : servers) {
      addresses.add(server(server));
    }
    return new DnsSettings(addresses, search, options);
  }

  private static InetAddress server(String text) {
    try {
      var address = InetAddress.ofLiteral(text);
      if (address instanceof Inet6Address || address.getHostAddress().equals(text)) {
        return address;
      }
    } catch (IllegalArgumentException e) {
      throw noServer(text, e);
    }
    throw noServer(text, null);
  }

  private static BuildException noServer(String text, @Nullable Exception cause) {
    return new BuildException(
        Code.INVALID,
        "dns: want the address of a resolver such as 192.0.2.53, got '" + text + "'",
        cause);
  }

  private static void check(String what, List<String> words) {
    if (words.size() > MAX_ENTRIES) {
      throw new BuildException(
          Code.INVALID, what + ": want at most " + MAX_ENTRIES + " values, got " + words.size());
    }
    for (String word : words) {
      if (word.isEmpty() || word.chars().anyMatch(c -> c <= ' ' || c == 0x7f)) {
        throw new BuildException(
            Code.INVALID, what + ": want one word without spaces, got '" + word + "'");
      }
    }
  }

  /** These, and where they say nothing the other's. */
  public DnsSettings orElse(DnsSettings other) {
    return new DnsSettings(
        servers.isEmpty() ? other.servers : servers,
        search.isEmpty() ? other.search : search,
        options.isEmpty() ? other.options : options);
  }
}
