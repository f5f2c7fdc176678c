package dev.jbuild.network;

import dev.jbuild.llb.NetMode;
import dev.jbuild.netplan.HostPorts;
import dev.jbuild.network.ledger.NetworkReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An open network of one step. */
public interface NetworkHandle extends AutoCloseable {

  /** What the step really gets: the mode that the last entitlement check looks at. */
  NetMode mode();

  /**
   * Path of the network namespace to join, or null for the runtime's own namespace: the host's
   * network.
   */
  @Nullable String namespacePath();

  /** Text of {@code /etc/resolv.conf}, or null for the host's own file. */
  @Nullable String resolvConf();

  /** Addresses that {@code /etc/hosts} gives the step's own host name, may be empty. */
  List<String> addresses();

  /** Addresses that {@code host-gateway} stands for; empty where the step has none of the host. */
  default List<String> hostGateway() {
    return List.of();
  }

  /** Ports of the host that the step reaches at {@code localhost}. */
  default List<HostPorts> hostPorts() {
    return List.of();
  }

  /**
   * Directory of the control group (version 2) that the step's first process joins before it does
   * anything else, or null.
   */
  default @Nullable Path group() {
    return null;
  }

  /** A sentence that the step's log begins with; empty where there is nothing to be said. */
  default String notice() {
    return "";
  }

  /** Says that the step does not run in {@link #group}, so that nothing of it is seen there. */
  default void leaveGroup(String why) {}

  /** What is known of the step's traffic, once its processes have ended and before the close. */
  default NetworkReport report() throws IOException {
    return NetworkReport.unseen(mode(), "");
  }

  @Override
  void close() throws IOException;
}
