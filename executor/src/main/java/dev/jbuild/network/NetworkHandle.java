package dev.jbuild.network;

import dev.jbuild.llb.NetMode;
import java.io.IOException;
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

  @Override
  void close() throws IOException;
}
