package dev.jbuild.network;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.llb.NetMode;
import dev.jbuild.network.meter.Meter;
import java.io.IOException;

/** Gives a step the network of its mode, once what it really gets is allowed. */
public final class BuildNetworks {
  private final NetworkProvider sandbox;
  private final NetworkProvider host;
  private final NetworkProvider none;
  private final Meter meter;

  /** The last look at the grants: throws where the step may not have this. */
  public interface Gate {

    /**
     * @param real what the step really gets, whatever it asked for
     * @throws dev.jbuild.error.BuildException PERMISSION_DENIED
     */
    void check(NetMode real);
  }

  /**
   * @param meter watches the steps; stays the caller's
   */
  public BuildNetworks(
      NetworkProvider sandbox, NetworkProvider host, NetworkProvider none, Meter meter) {
    this.sandbox = sandbox;
    this.host = host;
    this.none = none;
    this.meter = meter;
  }

  /**
   * Opens a network. Nobody sees the handle before the gate has agreed to its real mode.
   *
   * @param asked the mode in the step's definition
   * @throws BuildException INVALID where the build has egress rules and the step the host's network
   */
  public NetworkHandle open(NetMode asked, NetworkRequest request, Gate gate)
      throws IOException, InterruptedException {
    var handle = provider(asked).open(request);
    try {
      gate.check(handle.mode());
      refuseUnenforceable(handle.mode(), request);
      return new WatchedNetwork(handle, meter.open(request.stepId(), handle.mode()));
    } catch (IOException | RuntimeException refused) {
      try {
        handle.close();
      } catch (IOException e) {
        refused.addSuppressed(e);
      }
      throw refused;
    }
  }

  private static void refuseUnenforceable(NetMode real, NetworkRequest request) {
    if (real == NetMode.HOST && !request.plan().egress().isEmpty()) {
      throw new BuildException(
          Code.INVALID, request.plan().egress().refusedInHostNetwork("a step"));
    }
  }

  private NetworkProvider provider(NetMode asked) {
    return switch (asked) {
      case SANDBOX -> sandbox;
      case HOST -> host;
      case NONE -> none;
    };
  }
}
