package dev.jbuild.dockerfile.lint;

import dev.jbuild.llb.NetMode;
import dev.jbuild.netplan.HostPorts;
import java.util.List;

/**
 * What RUN gets that says nothing or {@code default}.
 *
 * @param hostPorts of the host that it reaches at localhost where it is isolated
 */
public record StepNetwork(NetMode mode, List<HostPorts> hostPorts) {
  public StepNetwork {
    hostPorts = List.copyOf(hostPorts);
  }
}
