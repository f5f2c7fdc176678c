package dev.jbuild.network.meter;

import dev.jbuild.linux.BpfKernel;
import dev.jbuild.llb.NetMode;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Watches steps by programs in the kernel, which the first step loads. Where that is not possible,
 * it says why and watches nothing. Safe for use by several threads.
 */
public final class SocketMeter implements Meter {
  private static final System.Logger LOG = System.getLogger(SocketMeter.class.getName());
  private static final int DIGEST_BYTES = 4;

  /** So many peers of one step are told apart. */
  public static final int FLOWS_PER_STEP = 4096;

  private final BpfKernel kernel;
  private final Path root;
  private final String groupName;
  private final int flowsPerStep;
  private final Object lock = new Object();
  private @Nullable Meter meter; // guarded by lock
  private boolean closed; // guarded by lock

  /**
   * @param root the state directory, which this process holds alone: our control group is called
   *     after it
   * @param flowsPerStep normally {@link #FLOWS_PER_STEP}
   */
  public SocketMeter(BpfKernel kernel, Path root, int flowsPerStep) {
    this.kernel = kernel;
    this.root = root;
    this.groupName = "jbuild_" + digits(root);
    this.flowsPerStep = flowsPerStep;
  }

  private static String digits(Path root) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(
                  root.toAbsolutePath().normalize().toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, DIGEST_BYTES);
    } catch (NoSuchAlgorithmException missing) {
      throw new IllegalStateException(missing);
    }
  }

  /** Loads the programs and removes what a killed process left, before the first step needs it. */
  public void warmUp() {
    synchronized (lock) {
      if (!closed) {
        meter();
      }
    }
  }

  @Override
  public StepMeter open(String stepId, NetMode mode) {
    try {
      return meter().open(stepId, mode);
    } catch (IOException e) {
      LOG.log(Level.WARNING, "step {0} is not watched: {1}", stepId, e.getMessage());
      return new NoMeter("the step was not watched: " + e.getMessage()).open(stepId, mode);
    }
  }

  private Meter meter() {
    synchronized (lock) {
      if (closed) {
        throw new IllegalStateException("the network meter is closed");
      }
      var known = meter;
      if (known == null) {
        known = make();
        meter = known;
      }
      return known;
    }
  }

  private Meter make() {
    try {
      var hooks = new HookIds(SecurityPrograms.TYPES, root.resolve("kernel-hooks"));
      SocketGroups.check();
      return AttachedMeter.open(kernel, groupName, flowsPerStep, hooks);
    } catch (IOException e) {
      String why =
          "the step's sockets were not watched: this kernel or user may not load BPF programs: "
              + e.getMessage();
      LOG.log(Level.INFO, why);
      return new NoMeter(why);
    }
  }

  @Override
  public void close() throws IOException {
    synchronized (lock) {
      closed = true;
      if (meter != null) {
        meter.close();
        meter = null;
      }
    }
  }
}
