package dev.jbuild.network.bridge;

import dev.jbuild.linux.Descriptor;
import dev.jbuild.linux.netlink.HardwareAddress;
import dev.jbuild.linux.netlink.NetworkScope;
import java.io.IOException;
import java.net.Inet4Address;
import org.jspecify.annotations.Nullable;

/** Our rules in the host's packet filter. To be used on the network thread. */
final class InstalledRules {
  private static final System.Logger LOG = System.getLogger(InstalledRules.class.getName());

  private final PacketFilter filter;
  private final Ruleset ruleset;
  private PacketFilter.@Nullable Identity identity;
  private Addition addition = scope -> {};

  /** What is set behind the rules when they are set again. */
  interface Addition {
    void restore(NetworkScope scope) throws IOException;
  }

  InstalledRules(PacketFilter filter, Ruleset ruleset) {
    this.filter = filter;
    this.ruleset = ruleset;
  }

  /** The table's name. */
  String table() {
    return ruleset.table();
  }

  /** The group of the log that refusals go to. */
  int logGroup() {
    return ruleset.logGroup();
  }

  /** Says what belongs to the rules beside themselves. */
  void addition(Addition added) {
    addition = added;
  }

  /** Changes more of the table than elements of its sets, in one transaction. */
  void change(NetworkScope scope, String script) throws IOException {
    filter.apply(script);
    identity = filter.find(scope, ruleset.table());
  }

  /** Sets rules inside a step's namespace. From any thread. */
  void applyInside(Descriptor network, String script) throws IOException {
    filter.applyInside(network, script);
  }

  /** Sets the rules. */
  void install(NetworkScope scope) throws IOException {
    filter.apply(ruleset.install());
    identity = filter.find(scope, ruleset.table());
  }

  /**
   * Sets the rules again where somebody took them away: {@code nft flush ruleset}, which a restart
   * of the host's firewall does, would otherwise open the host to every later step. One netlink
   * request where all is well.
   */
  void ensure(NetworkScope scope) throws IOException {
    var found = filter.find(scope, ruleset.table());
    if (found == null || !found.equals(identity)) {
      LOG.log(
          System.Logger.Level.WARNING,
          "table {0} of the packet filter was taken away by somebody else and is set again",
          ruleset.table());
      install(scope);
      addition.restore(scope);
    }
  }

  /** Lets a step speak as itself. */
  void expect(HardwareAddress hardware, Inet4Address address) throws IOException {
    filter.apply(
        "add element inet %s steps4 { %s . %s }\n"
            .formatted(ruleset.table(), hardware, address.getHostAddress()));
  }

  /** Takes the rules away. */
  void remove() throws IOException {
    filter.apply(Ruleset.remove(ruleset.table()));
  }
}
