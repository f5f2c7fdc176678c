package dev.jbuild.netplan;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.net.InetAddress;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One rule about what steps may reach.
 *
 * @param allow or refuse
 * @param target who
 * @param ports null for all of them, and for protocols without ports
 * @param protocol null for every one, and with ports for TCP and UDP
 */
public record EgressRule(
    boolean allow, Target target, @Nullable PortRange ports, @Nullable Protocol protocol) {

  public EgressRule {
    if (protocol == Protocol.ICMP && ports != null) {
      throw new IllegalArgumentException("egress rule: icmp has no ports");
    }
  }

  /** Who a rule is about. */
  public sealed interface Target {}

  /** Everybody: {@code *}. */
  public record Anyone() implements Target {
    @Override
    public String toString() {
      return "*";
    }
  }

  /**
   * A name.
   *
   * @param name lower case, no dot at the end
   * @param below with all names below it, itself not: {@code *.example.org}
   */
  public record Name(String name, boolean below) implements Target {
    private static final Pattern FORM =
        Pattern.compile("(?=.{1,253}$)[a-z0-9_][a-z0-9_-]{0,62}(\\.[a-z0-9_][a-z0-9_-]{0,62})*");

    public Name {
      if (!FORM.matcher(name).matches()) {
        throw new IllegalArgumentException("'" + name + "' is no name");
      }
    }

    /** Whether a name that was asked for is meant. */
    public boolean matches(String asked) {
      String lower = asked.toLowerCase(Locale.ROOT);
      String plain = lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
      return below ? plain.endsWith("." + name) : plain.equals(name);
    }

    @Override
    public String toString() {
      return below ? "*." + name : name;
    }
  }

  /**
   * Addresses.
   *
   * @param base host bits zero
   */
  public record Network(InetAddress base, int prefixLength) implements Target {
    public Network {
      byte[] bytes = base.getAddress();
      for (int bit = prefixLength; bit < bytes.length * 8; bit++) {
        if ((bytes[bit / 8] & (0x80 >> (bit % 8))) != 0) {
          throw new IllegalArgumentException("the subnet has host bits set");
        }
      }
    }

    @Override
    public String toString() {
      String text = AddressText.of(base);
      int all = base.getAddress().length * 8;
      String whole = prefixLength == all ? text : text + "/" + prefixLength;
      return all == 128 ? "[" + whole + "]" : whole;
    }
  }

  /** Ports, both ends included. */
  public record PortRange(int first, int last) {
    private static final int MAX_PORT = 65_535;

    public PortRange {
      if (first < 1 || last < first || last > MAX_PORT) {
        throw new IllegalArgumentException("ports: " + first + " to " + last);
      }
    }

    @Override
    public String toString() {
      return first == last ? String.valueOf(first) : first + "-" + last;
    }
  }

  /** What a rule can tell apart. */
  public enum Protocol {
    TCP,
    UDP,
    ICMP
  }

  /**
   * Reads {@code allow=example.org:443}, {@code allow=10.0.0.0/8:5432/tcp}, {@code
   * deny=[2001:db8::/32]:80-90/udp}, {@code allow=*.example.org}, {@code allow=192.0.2.1/icmp},
   * {@code deny=*}.
   *
   * @throws BuildException INVALID, naming the rule
   */
  public static EgressRule parse(String text) {
    return new EgressRuleReader(text).read();
  }

  static BuildException unreadable(String text, String why) {
    return new BuildException(
        Code.INVALID,
        "egress rule '"
            + text
            + "': "
            + why
            + "; want allow= or deny= and a name, an address, a subnet or *, then :port or"
            + " :first-last and /tcp, /udp or /icmp where it is about them:"
            + " allow=example.org:443, allow=10.0.0.0/8:5432/tcp, deny=*");
  }

  /** As {@link #parse} reads it. */
  @Override
  public String toString() {
    return (allow ? "allow=" : "deny=")
        + target
        + (ports == null ? "" : ":" + ports)
        + (protocol == null ? "" : "/" + protocol.name().toLowerCase(Locale.ROOT));
  }
}
