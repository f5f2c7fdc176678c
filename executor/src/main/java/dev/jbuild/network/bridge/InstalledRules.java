package dev.jbuild.network.bridge;

import dev.jbuild.linux.Descriptor;
import dev.jbuild.linux.netlink.Netlink;
import dev.jbuild.linux.netlink.NetworkScope;
import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Our rules in the host's packet filter. Safe for use by several threads where it says so. */
final class InstalledRules implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(InstalledRules.class.getName());

  private final PacketFilter filter;
  private final Ruleset ruleset;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Netlink eye;
  private volatile PacketFilter.@Nullable Identity identity;

  InstalledRules(PacketFilter filter, Ruleset ruleset) {
    this.filter = filter;
    this.ruleset = ruleset;
  }

  String table() {
    return ruleset.table();
  }

  /** The group of the log that refusals go to. */
  int logGroup() {
    return ruleset.logGroup();
  }

  /** Changes more of the table than elements of its sets. On the network thread. */
  void change(String script) throws IOException {
    filter.apply(script);
  }

  /** Sets rules inside a step's namespace. From any thread. */
  void applyInside(Descriptor network, String script) throws IOException {
    filter.applyInside(network, script);
  }

  /** Sets the rules. On the network thread. */
  void install(NetworkScope scope) throws IOException {
    filter.apply(ruleset.install());
    lock.lock();
    try {
      if (eye == null) {
        // One of its own: a look must not wait until the network thread has made a namespace.
        eye = scope.openNetfilter();
      }
      identity = filter.find(eye, ruleset.table());
    } finally {
      lock.unlock();
    }
  }

  /**
   * Whether the rules stand: {@code nft flush ruleset}, which a restart of the host's firewall
   * does, would otherwise open the host to every later step. One netlink request, about 20
   * microseconds; by any thread.
   */
  boolean stand() throws IOException {
    var known = identity;
    lock.lock();
    try {
      if (eye == null) {
        // Not to be mistaken for rules that somebody took away, and set again behind our end.
        throw new IOException("the bridge network is closed");
      }
      var found = filter.find(eye, ruleset.table());
      // Chains and sets of egress rules come and go.
      return found != null
          && known != null
          && found.handle() == known.handle()
          && found.chains() >= known.chains();
    } finally {
      lock.unlock();
    }
  }

  /** Sets the rules again where somebody took them away. On the network thread. */
  boolean restore(NetworkScope scope) throws IOException {
    if (stand()) {
      return false;
    }
    LOG.log(
        System.Logger.Level.WARNING,
        "table {0} of the packet filter was taken away by somebody else and is set again",
        ruleset.table());
    install(scope);
    return true;
  }

  /** Takes the rules away. On the network thread. */
  void remove() throws IOException {
    filter.apply(Ruleset.remove(ruleset.table()));
  }

  @Override
  public void close() {
    lock.lock();
    try {
      if (eye != null) {
        eye.close();
        eye = null;
      }
    } finally {
      lock.unlock();
    }
  }
}
