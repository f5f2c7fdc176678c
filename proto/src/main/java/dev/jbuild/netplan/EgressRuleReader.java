package dev.jbuild.netplan;

import dev.jbuild.error.BuildException;
import dev.jbuild.netplan.EgressRule.PortRange;
import dev.jbuild.netplan.EgressRule.Protocol;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads one rule as a user writes it. */
final class EgressRuleReader {
  private static final int MAX_PORT = 65_535;
  private static final Pattern LETTERS = Pattern.compile("[A-Za-z]+");
  private static final Pattern ASCII = Pattern.compile("\\p{ASCII}*");

  private final String text;
  private @Nullable Protocol protocol;
  private @Nullable PortRange ports;

  EgressRuleReader(String text) {
    this.text = text;
  }

  EgressRule read() {
    int equals = text.indexOf('=');
    String verb = equals < 0 ? text : text.substring(0, equals);
    boolean allow = verb.equals("allow");
    if (equals < 0 || (!allow && !verb.equals("deny"))) {
      throw EgressRule.unreadable(text, "it begins with '" + verb + "'");
    }
    String rest = withoutProtocol(text.substring(equals + 1));
    EgressRule.Target target = target(withoutPorts(rest));
    if (protocol == Protocol.ICMP && ports != null) {
      throw EgressRule.unreadable(text, "icmp has no ports");
    }
    return new EgressRule(allow, target, ports, protocol);
  }

  private String withoutProtocol(String rest) {
    int slash = rest.lastIndexOf('/');
    String last = rest.substring(slash + 1);
    if (slash < 0 || !LETTERS.matcher(last).matches()) {
      return rest; // what follows the slash is the prefix length of a subnet
    }
    for (Protocol known : Protocol.values()) {
      if (known.name().toLowerCase(Locale.ROOT).equals(last)) {
        protocol = known;
        return rest.substring(0, slash);
      }
    }
    throw EgressRule.unreadable(text, "'" + last + "' is no protocol");
  }

  private String withoutPorts(String rest) {
    int colon = rest.lastIndexOf(':');
    boolean insideBrackets = rest.endsWith("]");
    if (colon < 0 || insideBrackets) {
      return rest;
    }
    if (rest.indexOf(':') != colon && !rest.substring(0, colon).endsWith("]")) {
      throw EgressRule.unreadable(text, "an IPv6 address stands in brackets");
    }
    String range = rest.substring(colon + 1);
    int dash = range.indexOf('-');
    int first = port(dash < 0 ? range : range.substring(0, dash));
    int last = dash < 0 ? first : port(range.substring(dash + 1));
    if (last < first) {
      throw EgressRule.unreadable(text, "the ports " + range + " go backwards");
    }
    ports = new PortRange(first, last);
    return rest.substring(0, colon);
  }

  private int port(String digits) {
    int port = isNumber(digits) ? Integer.parseInt(digits) : 0;
    if (port < 1 || port > MAX_PORT) {
      throw EgressRule.unreadable(text, "'" + digits + "' is no port from 1 to 65535");
    }
    return port;
  }

  private static boolean isNumber(String digits) {
    return !digits.isEmpty()
        && digits.length() <= 5
        && digits.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  private EgressRule.Target target(String who) {
    if (who.equals("*")) {
      return new EgressRule.Anyone();
    }
    boolean bracketed = who.startsWith("[") && who.endsWith("]") && who.length() > 1;
    String plain = bracketed ? who.substring(1, who.length() - 1) : who;
    int slash = plain.indexOf('/');
    String host = slash < 0 ? plain : plain.substring(0, slash);
    var address = AddressText.read(host);
    if (address != null && bracketed == (address instanceof Inet6Address)) {
      return network(address, slash < 0 ? null : plain.substring(slash + 1));
    }
    if (bracketed || AddressText.looksLikeOne(host)) {
      throw nobody(who);
    }
    boolean below = plain.startsWith("*.");
    String name = below ? plain.substring(2) : plain;
    String undotted = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    if (!ASCII.matcher(undotted).matches()) {
      throw nobody(who);
    }
    try {
      return new EgressRule.Name(undotted.toLowerCase(Locale.ROOT), below);
    } catch (IllegalArgumentException e) {
      throw nobody(who);
    }
  }

  private BuildException nobody(String who) {
    return EgressRule.unreadable(text, "'" + who + "' is neither a name nor an address");
  }

  private EgressRule.Network network(InetAddress address, @Nullable String length) {
    int all = address.getAddress().length * 8;
    int prefix = length == null ? all : isNumber(length) ? Integer.parseInt(length) : -1;
    if (prefix < 0 || prefix > all) {
      throw EgressRule.unreadable(text, "'" + length + "' is no prefix length up to " + all);
    }
    try {
      return new EgressRule.Network(address, prefix);
    } catch (IllegalArgumentException e) {
      throw EgressRule.unreadable(text, "the subnet has host bits set");
    }
  }
}
