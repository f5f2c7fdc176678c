package dev.jbuild.process.runtime;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.linux.Kernel;
import dev.jbuild.linux.ResourceLimit;
import dev.jbuild.llb.ExecMeta.Ulimit;
import dev.jbuild.process.spec.Capabilities;
import dev.jbuild.process.spec.RuntimeSpec.Rlimit;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Limits of a step's process. Raising a hard limit takes CAP_SYS_RESOURCE; without it a wish is cut
 * to what this process itself may use, because the runtime would fail. Source: getrlimit(2).
 */
final class ProcessLimits {
  private static final System.Logger LOG = System.getLogger(ProcessLimits.class.getName());

  /** In the order of their numbers, {@code RLIMIT_CPU} is 0. */
  private static final List<String> NAMES =
      List.of(
          "CPU",
          "FSIZE",
          "DATA",
          "STACK",
          "CORE",
          "RSS",
          "NPROC",
          "NOFILE",
          "MEMLOCK",
          "AS",
          "LOCKS",
          "SIGPENDING",
          "MSGQUEUE",
          "NICE",
          "RTPRIO",
          "RTTIME");

  /** Programs that close every descriptor they might have take minutes above this. */
  private static final long MAX_INHERITED_FILES = 1 << 20;

  private ProcessLimits() {}

  /** The limits to set; what is not named is inherited. */
  static List<Rlimit> of(Kernel kernel, List<Ulimit> wanted) throws IOException {
    var limits = new ArrayList<Rlimit>();
    boolean mayRaise = Capabilities.has(kernel.effectiveCapabilities(), Capabilities.SYS_RESOURCE);
    boolean files = false;
    for (var ulimit : wanted) {
      String name = ulimit.name().toUpperCase(Locale.ROOT);
      int number = NAMES.indexOf(name);
      if (number < 0) {
        throw new BuildException(
            Code.INVALID,
            "ulimit: unknown name '"
                + ulimit.name()
                + "', want one of "
                + String.join(", ", NAMES).toLowerCase(Locale.ROOT));
      }
      files |= name.equals("NOFILE");
      long hard = ulimit.hard();
      long most = kernel.limit(number).hard();
      if (!mayRaise && more(hard, most)) {
        LOG.log(
            System.Logger.Level.WARNING,
            "ulimit {0}: hard limit {1} cut to {2}, raising it needs CAP_SYS_RESOURCE",
            ulimit.name(),
            Long.toUnsignedString(hard),
            Long.toUnsignedString(most));
        hard = most;
      }
      long soft = more(ulimit.soft(), hard) ? hard : ulimit.soft();
      limits.add(new Rlimit("RLIMIT_" + name, soft, hard));
    }
    if (!files && more(kernel.limit(NAMES.indexOf("NOFILE")).hard(), MAX_INHERITED_FILES)) {
      limits.add(new Rlimit("RLIMIT_NOFILE", MAX_INHERITED_FILES, MAX_INHERITED_FILES));
    }
    return limits;
  }

  /** {@link ResourceLimit#UNLIMITED} is -1, the highest unsigned number. */
  private static boolean more(long left, long right) {
    return Long.compareUnsigned(left, right) > 0;
  }
}
