package dev.jbuild.process;

import dev.jbuild.llb.ExecMeta;
import dev.jbuild.llb.OpMetadata.LinuxResources;
import dev.jbuild.llb.SecurityMode;
import dev.jbuild.mount.Mount;
import dev.jbuild.network.NetworkHandle;
import dev.jbuild.oci.Bytes;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A process to run.
 *
 * @param stepId unique among the steps that run now, {@code [0-9a-z]+}
 * @param root mounts that make up {@code /}, applied in order (one overlay or bind)
 * @param rootReadonly whether the root file system may be written
 * @param mounts what lies inside it, parents before children
 * @param hidden what no disk may see
 * @param meta args, env and cwd as given; user still a name
 */
public record ProcessRequest(
    String stepId,
    List<Mount> root,
    boolean rootReadonly,
    List<SandboxMount> mounts,
    Hidden hidden,
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

  /**
   * What a step gets to see and nothing else may: it is kept in memory only, and gone when the step
   * ends.
   *
   * @param files mounted read-only, after all other mounts
   * @param env {@code K=V}, wins over all other variables of that name
   */
  public record Hidden(List<SandboxFile> files, List<String> env) {
    /** Nothing. */
    public static final Hidden NONE = new Hidden(List.of(), List.of());

    public Hidden {
      files = List.copyOf(files);
      env = List.copyOf(env);
    }

    @Override
    public String toString() {
      return "Hidden[files=" + files.size() + ", env=" + env.size() + "]";
    }
  }

  /**
   * A file that is there while the process runs.
   *
   * @param dest absolute path in the sandbox
   * @param mode permission bits
   */
  public record SandboxFile(String dest, int mode, int uid, int gid, Content content) {}

  /** What a file of the sandbox is. */
  public sealed interface Content {}

  /** Bytes to read. */
  public record Secret(Bytes bytes) implements Content {
    @Override
    public String toString() {
      return "Secret[" + bytes.size() + " bytes]";
    }
  }

  /** A socket to connect to. */
  public record Socket(Listener listener) implements Content {}

  /** Serves a socket. */
  public interface Listener {

    /**
     * Binds a Unix socket and serves it from other threads.
     *
     * @param path not there yet; only valid during the call
     * @return ends all that is served
     */
    Served listen(Path path) throws IOException;
  }

  /** A socket that is being served. */
  public interface Served extends AutoCloseable {
    @Override
    void close() throws IOException;
  }

  /** An output whose process is written to as well: others find their input at its end. */
  public interface Dialogue extends Output {

    /**
     * Called once, when the process runs.
     *
     * @param in what it reads; closing it is its end of file; to be closed by who takes it
     */
    void stdin(OutputStream in);
  }

  /** A dialogue with a process that is steered while it runs. */
  public interface Attended extends Dialogue {

    /** Whether the process has a terminal: all that it writes then comes as its output. */
    boolean terminal();

    /**
     * Called once, before anything that the process writes comes.
     *
     * @param process good until the call that runs it returns
     */
    void started(RunningProcess process);
  }

  /** Takes what the process writes; called from one thread per stream. */
  public interface Output {
    void stdout(byte[] bytes, int offset, int length);

    void stderr(byte[] bytes, int offset, int length);
  }
}
