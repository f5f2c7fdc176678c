package dev.jbuild.process.spec;

import dev.jbuild.linux.Errno;
import dev.jbuild.process.spec.SeccompProfile.Comparison;
import dev.jbuild.process.spec.SeccompProfile.Condition;
import dev.jbuild.process.spec.SeccompProfile.Rule;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * The field's default profile: everything fails with EPERM but what is listed; more is listed when
 * a capability makes it harmless. Source: the facts of moby/profiles, seccomp.
 */
public final class DefaultSeccomp {
  private static final String SYS_ADMIN = "CAP_SYS_ADMIN";

  /** {@code CLONE_NEWNS|NEWCGROUP|NEWUTS|NEWIPC|NEWUSER|NEWPID|NEWNET}. */
  private static final long CLONE_NAMESPACES = 0x7e020000L;

  /** Execution domains: Linux, Linux32, both with UNAME26, and the question what it is. */
  private static final long[] PERSONALITIES = {0, 0x8, 0x20000, 0x20008, 0xffffffffL};

  /** {@code AF_UNIX} to {@code AF_ROSE}, all still in use. */
  private static final long FIRST_ABSENT_SOCKET_FAMILY = 12;

  /**
   * Families above, without those the kernel dropped, without AF_ALG (38: an attack surface no
   * build needs) and without AF_VSOCK (40: not bound to a network namespace).
   */
  private static final long[] SOCKET_FAMILIES = {
    13, 14, 15, 16, 17, 18, 21, 22, 24, 26, 27, 28, 29, 30, 31, 32, 33, 35, 36, 39, 41, 42, 43, 44,
    45
  };

  private DefaultSeccomp() {}

  /**
   * The profile of a process.
   *
   * @param machine {@code os.arch} of the virtual machine: {@code amd64}, {@code aarch64}
   */
  public static SeccompProfile profile(String machine, Collection<String> capabilities) {
    var rules = new ArrayList<Rule>();
    rules.add(Rule.allow(SyscallNames.ALWAYS));
    rules.add(Rule.allowWhen("socket", 0, Comparison.LESS, FIRST_ABSENT_SOCKET_FAMILY));
    for (long family : SOCKET_FAMILIES) {
      rules.add(Rule.allowWhen("socket", 0, Comparison.EQUAL, family));
    }
    for (long personality : PERSONALITIES) {
      rules.add(Rule.allowWhen("personality", 0, Comparison.EQUAL, personality));
    }
    rules.addAll(ofMachine(machine));
    rules.addAll(ofCapabilities(capabilities));
    if (!capabilities.contains(SYS_ADMIN)) {
      var noNamespace = new Condition(0, Comparison.MASKED_EQUAL, CLONE_NAMESPACES, 0);
      rules.add(new Rule(List.of("clone"), 0, List.of(noNamespace)));
      // Its flags lie in memory, out of the filter's sight: ENOSYS makes libc fall back to clone.
      rules.add(new Rule(List.of("clone3"), Errno.ENOSYS, List.of()));
    }
    return new SeccompProfile(Errno.EPERM, architectures(machine), rules);
  }

  private static List<String> architectures(String machine) {
    return switch (machine) {
      case "amd64", "x86_64" -> List.of("SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32");
      case "aarch64" -> List.of("SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM");
      case "riscv64" -> List.of("SCMP_ARCH_RISCV64");
      case "ppc64le" -> List.of("SCMP_ARCH_PPC64LE");
      default -> List.of();
    };
  }

  private static List<Rule> ofMachine(String machine) {
    return switch (machine) {
      case "amd64", "x86_64" -> List.of(Rule.allow(List.of("arch_prctl", "modify_ldt")));
      case "aarch64" ->
          List.of(
              Rule.allow(
                  List.of(
                      "arm_fadvise64_64",
                      "arm_sync_file_range",
                      "sync_file_range2",
                      "breakpoint",
                      "cacheflush",
                      "set_tls")));
      case "riscv64" -> List.of(Rule.allow(List.of("riscv_flush_icache")));
      case "ppc64le" -> List.of(Rule.allow(List.of("sync_file_range2", "swapcontext")));
      default -> List.of();
    };
  }

  private static List<Rule> ofCapabilities(Collection<String> capabilities) {
    var rules = new ArrayList<Rule>();
    for (String capability : capabilities) {
      List<String> calls = opened(capability);
      if (!calls.isEmpty()) {
        rules.add(Rule.allow(calls));
      }
    }
    return rules;
  }

  private static List<String> opened(String capability) {
    return switch (capability) {
      case SYS_ADMIN -> SyscallNames.SYS_ADMIN;
      case "CAP_DAC_READ_SEARCH" -> List.of("open_by_handle_at");
      case "CAP_SYS_BOOT" -> List.of("reboot");
      case "CAP_SYS_CHROOT" -> List.of("chroot");
      case "CAP_SYS_MODULE" -> List.of("delete_module", "init_module", "finit_module");
      case "CAP_SYS_PACCT" -> List.of("acct");
      case "CAP_SYS_PTRACE" -> List.of("kcmp", "pidfd_getfd", "process_madvise");
      case "CAP_SYS_RAWIO" -> List.of("iopl", "ioperm");
      case "CAP_SYS_TIME" -> List.of("settimeofday", "stime", "clock_settime", "clock_settime64");
      case "CAP_SYS_TTY_CONFIG" -> List.of("vhangup");
      case "CAP_SYS_NICE" ->
          List.of("get_mempolicy", "mbind", "set_mempolicy", "set_mempolicy_home_node");
      case "CAP_SYSLOG" -> List.of("syslog");
      case "CAP_BPF" -> List.of("bpf");
      case "CAP_PERFMON" -> List.of("perf_event_open");
      default -> List.of();
    };
  }
}
