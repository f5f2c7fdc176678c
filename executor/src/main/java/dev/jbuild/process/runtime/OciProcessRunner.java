package dev.jbuild.process.runtime;

import dev.jbuild.linux.Kernel;
import dev.jbuild.process.ProcessRequest;
import dev.jbuild.process.ProcessRunner;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Runs steps through crun or runc. The first step finds the runtime and starts a watchdog, which
 * ends all steps when this process ends without having closed the runner. Safe for use by several
 * threads. Source: OCI runtime-spec 1.0.2; crun(1), runc(8).
 */
public final class OciProcessRunner implements ProcessRunner, AutoCloseable {
  private static final int TAG_BYTES = 4;

  private final RuntimeConfig config;
  private final Kernel kernel;
  private final Executor pumps;
  private final Object lock = new Object();
  private @Nullable Sandboxes sandboxes; // guarded by lock
  private boolean closed; // guarded by lock

  /**
   * @param pumps runs two tasks per step that block until the step ends: it must have a thread for
   *     each, such as a cached pool of platform threads
   */
  public OciProcessRunner(RuntimeConfig config, Kernel kernel, Executor pumps) {
    this.config = config;
    this.kernel = kernel;
    this.pumps = pumps;
  }

  /**
   * Ends and removes what an earlier process left in the run directory: steps, mounts, control
   * groups, files. To be called before the first step, while this process alone holds the state
   * directory.
   */
  public void recover() throws IOException, InterruptedException {
    var directory = config.runDirectory().toAbsolutePath();
    if (!Files.isDirectory(directory)) {
      return;
    }
    try (var left = Files.newDirectoryStream(directory)) {
      if (left.iterator().hasNext()) {
        Watchdog.cleanOnce(directory, tag());
      }
    }
  }

  /**
   * Looks for the runtime now rather than at the first step.
   *
   * @throws dev.jbuild.error.BuildException UNAVAILABLE when it is not there
   */
  public void requireRuntime() {
    RuntimeFinder.find(config);
  }

  @Override
  public int run(ProcessRequest request) throws IOException, InterruptedException {
    try (var step = StepRun.open(kernel, sandboxes(), pumps, request)) {
      return step.run();
    } catch (ClosedByInterruptException cancelled) {
      Thread.interrupted(); // now told by the exception
      var interrupted = new InterruptedException("step " + request.stepId() + " was cancelled");
      interrupted.addSuppressed(cancelled);
      throw interrupted;
    }
  }

  private Sandboxes sandboxes() throws IOException {
    synchronized (lock) {
      if (closed) {
        throw new IllegalStateException("the process runner is closed");
      }
      var known = sandboxes;
      if (known == null) {
        known = Sandboxes.open(kernel, config, tag());
        sandboxes = known;
      }
      return known;
    }
  }

  /** Keeps the groups of two state directories apart. */
  private String tag() {
    return tag(config.runDirectory());
  }

  static String tag(Path runDirectory) {
    Path directory = runDirectory.toAbsolutePath();
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(directory.toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, TAG_BYTES);
    } catch (NoSuchAlgorithmException missing) {
      throw new IllegalStateException(missing);
    }
  }

  /** Ends the watchdog, which takes away what the runner shared between steps. No step may run. */
  @Override
  public void close() throws IOException {
    synchronized (lock) {
      closed = true;
      if (sandboxes != null) {
        sandboxes.close();
        sandboxes = null;
      }
    }
  }
}
