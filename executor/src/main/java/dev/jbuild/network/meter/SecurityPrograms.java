package dev.jbuild.network.meter;

import static dev.jbuild.linux.bpf.Register.R1;
import static dev.jbuild.linux.bpf.Register.R2;
import static dev.jbuild.linux.bpf.Register.R6;

import dev.jbuild.linux.BpfKernel;
import dev.jbuild.linux.BpfProgram;
import dev.jbuild.linux.Errno;
import dev.jbuild.linux.ErrnoException;
import dev.jbuild.linux.bpf.Assembler;
import dev.jbuild.linux.bpf.Condition;
import dev.jbuild.linux.bpf.Label;
import dev.jbuild.linux.bpf.Register;
import dev.jbuild.linux.bpf.Width;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Programs at the hooks of the kernel's security modules. They see sockets of every family, and
 * questions about interfaces, which read the network without a packet. Linux 6.0 and later, with
 * {@code bpf} among the security modules.
 */
final class SecurityPrograms {
  private static final int TYPE_SECURITY = 29;
  private static final int ATTACH_SECURITY = 43;
  private static final long LSM_ID_BPF = 109;

  /** The kernel takes programs at these hooks only under the GPL, so these two are under both. */
  private static final String LICENSE = "Dual MIT/GPL";

  static final Path TYPES = Path.of("/sys/kernel/btf/vmlinux");
  private static final Path MODULES = Path.of("/sys/kernel/security/lsm");
  private static final List<String> HOOKS =
      List.of("bpf_lsm_socket_create", "bpf_lsm_file_ioctl", "bpf_lsm_file_ioctl_compat");

  /** Arguments of {@code socket_create(family, type, protocol, kern)}. */
  private static final int FAMILY = 0;

  private static final int NETLINK_PROTOCOL = 16;
  private static final int BY_KERNEL = 24;

  /** Second argument of {@code file_ioctl(file, cmd, arg)}. */
  private static final int COMMAND = 8;

  private static final int AF_UNIX = 1;
  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int AF_NETLINK = 16;
  private static final int AF_PACKET = 17;
  private static final int NETLINK_SELINUX = 7;
  private static final int NETLINK_AUDIT = 9;

  /** The range of {@code SIOCADDRT} to the end of the private ones: routes and interfaces. */
  private static final int FIRST_INTERFACE_COMMAND = 0x890b;

  private static final int LAST_INTERFACE_COMMAND = 0x89ff;

  private SecurityPrograms() {}

  /**
   * The programs for this kernel.
   *
   * @throws IOException with the reason why it takes none
   */
  static List<BpfProgram> of(BpfKernel kernel, MeterMaps maps, HookIds hooks) throws IOException {
    if (!isAsked(kernel)) {
      throw new IOException("'bpf' is not among this kernel's security modules");
    }
    var programs = new ArrayList<BpfProgram>();
    var ids = hooks.of(HOOKS);
    if (ids.getFirst() == 0) {
      throw new IOException("this kernel has no security hooks for BPF");
    }
    programs.add(program("jb_socket", ids.get(0), socket(maps)));
    if (ids.get(1) != 0) {
      programs.add(program("jb_ioctl", ids.get(1), question(maps)));
    }
    if (ids.get(2) != 0) {
      programs.add(program("jb_ioctl32", ids.get(2), question(maps)));
    }
    return programs;
  }

  private static boolean isAsked(BpfKernel kernel) throws IOException {
    try {
      return kernel.securityModule(LSM_ID_BPF);
    } catch (ErrnoException e) {
      if (e.errno() != Errno.ENOSYS) {
        throw e;
      }
      return Files.isReadable(MODULES)
          && List.of(Files.readString(MODULES).strip().split(",")).contains("bpf");
    }
  }

  private static BpfProgram program(String name, int typeId, byte[] code) {
    return new BpfProgram(
        name, TYPE_SECURITY, ATTACH_SECURITY, typeId, LICENSE, ByteBuffer.wrap(code));
  }

  /** A socket of any family is made. */
  static byte[] socket(MeterMaps maps) {
    var step = new StepProgram(maps);
    step.findStep(false);
    var code = step.code();
    var netlink = new Label();
    var counted = new Label();
    argument(code, R1, BY_KERNEL);
    code.jumpIf(Condition.NOT_EQUAL, R1, 0, step.pass());
    argument(code, R2, FAMILY);
    code.jumpIf(Condition.EQUAL, R2, AF_UNIX, step.pass())
        .jumpIf(Condition.EQUAL, R2, AF_INET, step.pass())
        .jumpIf(Condition.EQUAL, R2, AF_INET6, step.pass())
        .jumpIf(Condition.EQUAL, R2, AF_NETLINK, netlink)
        .jumpIf(Condition.NOT_EQUAL, R2, AF_PACKET, counted);
    step.count(StepCounts.PACKET);
    code.jump(counted).bind(netlink);
    // Programs that change accounts tell the audit log; that reads nothing of the network.
    argument(code, R2, NETLINK_PROTOCOL);
    code.jumpIf(Condition.EQUAL, R2, NETLINK_AUDIT, step.pass())
        .jumpIf(Condition.EQUAL, R2, NETLINK_SELINUX, step.pass())
        .bind(counted);
    step.count(StepCounts.OTHERS);
    return step.finish();
  }

  /** An open file or socket is asked something. */
  static byte[] question(MeterMaps maps) {
    var step = new StepProgram(maps);
    var code = step.code();
    // Most are something else: these cost least.
    code.load(Width.DOUBLE, R2, R1, COMMAND).shiftLeft(R2, 32).shiftRight(R2, 32);
    code.jumpIf(Condition.LESS, R2, FIRST_INTERFACE_COMMAND, step.pass())
        .jumpIf(Condition.GREATER, R2, LAST_INTERFACE_COMMAND, step.pass());
    step.findStep(false);
    step.count(StepCounts.INTERFACES);
    return step.finish();
  }

  /** Loads an {@code int}: the upper half of its place may hold anything. */
  private static void argument(Assembler code, Register to, int offset) {
    code.load(Width.DOUBLE, to, R6, offset).shiftLeft(to, 32).shiftRight(to, 32);
  }
}
