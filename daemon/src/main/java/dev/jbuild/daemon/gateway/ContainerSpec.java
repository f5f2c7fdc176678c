package dev.jbuild.daemon.gateway;

import dev.jbuild.llb.ExecMeta;
import dev.jbuild.llb.LlbOp.ExecOp;
import dev.jbuild.solver.llb.Place;
import java.util.ArrayList;
import java.util.List;

/**
 * A container that a frontend wants.
 *
 * @param id the frontend's choice
 * @param op mounts, network, hosts and host name; what runs in it comes later
 * @param refs what the inputs of the mounts are
 */
public record ContainerSpec(String id, ExecOp op, List<String> refs) {
  public ContainerSpec {
    refs = List.copyOf(refs);
  }

  /** For refusals. */
  Place place() {
    return new Place("container '" + id + "'", List.of());
  }

  /**
   * The container with a process in it.
   *
   * @param asked of which the mounts and the network do not count
   */
  ExecOp with(ExecOp asked) {
    ExecMeta meta = asked.meta();
    ExecMeta own = op.meta();
    var hosts = new ArrayList<>(own.extraHosts());
    hosts.addAll(meta.extraHosts());
    return new ExecOp(
        new ExecMeta(
            meta.args(),
            meta.env(),
            meta.cwd(),
            meta.user(),
            meta.proxyEnv(),
            hosts,
            own.hostname().isEmpty() ? meta.hostname() : own.hostname(),
            meta.ulimits(),
            meta.cgroupParent(),
            meta.removeMountStubsRecursive(),
            meta.validExitCodes()),
        op.mounts(),
        op.network(),
        asked.security(),
        asked.secretEnv(),
        List.of());
  }
}
