package dev.jbuild.llb.wire;

import dev.jbuild.llb.LlbOp.ExecOp;
import dev.jbuild.oci.Bytes;

/**
 * Containers of frontends, which are described as processes of graphs are, but stand in none.
 * Source: wire-gateway facts, section 7.
 */
public final class ContainerCodec {
  private ContainerCodec() {}

  /**
   * Reads a container or one of its processes.
   *
   * @param name for refusals: {@code container 'x'}
   * @param inputs how many results its mounts refer to
   * @throws dev.jbuild.error.BuildException INVALID when it is not valid
   */
  public static ExecOp decode(String name, pb.ExecOp wire, int inputs) {
    return ExecCodec.decode(new OpPlace(Bytes.empty().digest(), inputs, name), wire);
  }
}
