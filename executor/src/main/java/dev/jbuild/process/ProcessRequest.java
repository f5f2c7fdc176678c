package dev.jbuild.process;

import dev.jbuild.llb.ExecMeta;
import dev.jbuild.llb.OpMetadata.LinuxResources;
import dev.jbuild.llb.SecurityMode;
import dev.jbuild.mount.Mount;
import dev.jbuild.network.NetworkHandle;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A process to run.
 *
 * @param stepId unique among the steps that run now, {@code [0-9a-z]+}
 * @param root mounts that make up {@code /}, applied in order (one overlay or bind)
 * @param rootReadonly whether the root file system may be written
 * @param mounts what lies inside it, parents before children
 * @param meta args, env and cwd as given; user still a name
 */
public record ProcessRequest(
    String stepId,
    List<Mount> root,
    boolean rootReadonly,
    List<SandboxMount> mounts,
    ExecMeta meta,
    NetworkHandle network,
    SecurityMode security,
    @Nullable LinuxResources resources,
    Output output) {

  public ProcessRequest {
    root = List.copyOf(root);
    mounts = List.copyOf(mounts);
  }

  /**
   * A mount inside the sandbox.
   *
   * @param mount what, with all its options
   * @param selector path inside the mount to show instead of its root, resolved inside it; or empty
   * @param dest absolute path in the sandbox; missing mount points are made and taken away again
   *     when empty
   */
  public record SandboxMount(Mount mount, String selector, String dest) {}

  /** Takes what the process writes; called from one thread per stream. */
  public interface Output {
    void stdout(byte[] bytes, int offset, int length);

    void stderr(byte[] bytes, int offset, int length);
  }
}
