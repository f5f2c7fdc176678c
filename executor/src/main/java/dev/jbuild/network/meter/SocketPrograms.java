package dev.jbuild.network.meter;

import static dev.jbuild.linux.bpf.Register.R1;
import static dev.jbuild.linux.bpf.Register.R2;
import static dev.jbuild.linux.bpf.Register.R6;
import static dev.jbuild.linux.bpf.Register.STACK;

import dev.jbuild.linux.bpf.Assembler;
import dev.jbuild.linux.bpf.Condition;
import dev.jbuild.linux.bpf.Label;
import dev.jbuild.linux.bpf.Width;

/**
 * Programs at system calls, which see what never becomes a packet. Source: the kernel's {@code
 * struct bpf_sock}, {@code struct bpf_sock_addr}.
 */
final class SocketPrograms {
  /** {@code struct bpf_sock}. */
  private static final int SOCKET_PROTOCOL = 12;

  /** {@code struct bpf_sock_addr}. */
  private static final int USER_IP4 = 4;

  private static final int USER_IP6 = 8;
  private static final int USER_PORT = 24;
  private static final int PROTOCOL = 36;

  private static final int UDP_LITE = 136;

  private SocketPrograms() {}

  /** A socket of IPv4 or IPv6 is made. */
  static byte[] creation(MeterMaps maps) {
    var step = new StepProgram(maps);
    step.findStep(false);
    step.count(StepCounts.SOCKETS);
    step.code()
        .load(Width.WORD, R2, R6, SOCKET_PROTOCOL)
        .jumpIf(Condition.EQUAL, R2, Flow.TCP, step.pass())
        .jumpIf(Condition.EQUAL, R2, Flow.UDP, step.pass())
        .jumpIf(Condition.EQUAL, R2, UDP_LITE, step.pass());
    step.count(StepCounts.ODD);
    return step.finish();
  }

  /**
   * An address is named for a connection or for a packet.
   *
   * @param ip6 what the socket is; a mapped IPv4 address is possible
   * @param sends for a packet of UDP
   */
  static byte[] destination(MeterMaps maps, boolean ip6, boolean sends) {
    var step = new StepProgram(maps);
    step.findStep(false);
    step.clearKey();
    var code = step.code();
    if (ip6) {
      for (int at = 0; at < 16; at += 4) {
        code.load(Width.WORD, R1, R6, USER_IP6 + at)
            .store(Width.WORD, STACK, StepProgram.KEY_ADDRESS + at, R1);
      }
    } else {
      code.load(Width.WORD, R1, R6, USER_IP4);
      step.keyAddress4(R1);
    }
    step.countIfBeyond();
    // Connecting a UDP socket sends nothing; it is how programs ask which address they would use.
    code.load(Width.WORD, R1, R6, PROTOCOL)
        .store(Width.BYTE, STACK, StepProgram.KEY_PROTOCOL, R1)
        .jumpIf(Condition.NOT_EQUAL, R1, sends ? Flow.UDP : Flow.TCP, step.pass())
        .load(Width.WORD, R1, R6, USER_PORT)
        .swapHalf(R1)
        .store(Width.HALF, STACK, StepProgram.KEY_PORT, R1);
    ensureFlow(step, maps, code, sends);
    return step.finish();
  }

  private static void ensureFlow(StepProgram step, MeterMaps maps, Assembler code, boolean sends) {
    var unknown = new Label();
    step.lookUp(maps.flows(), unknown);
    code.jump(step.pass()).bind(unknown);
    // 0.0.0.0 and :: become the loopback's address only later.
    var unmapped = new Label();
    var known = new Label();
    code.load(Width.DOUBLE, R1, STACK, StepProgram.KEY_ADDRESS)
        .jumpIf(Condition.NOT_EQUAL, R1, 0, known)
        .load(Width.WORD, R1, STACK, StepProgram.KEY_ADDRESS + 12)
        .jumpIf(Condition.EQUAL, R1, 0, step.pass())
        .bind(known);
    if (sends) {
      step.lookUp(maps.callers(), unmapped);
      code.jump(step.pass()).bind(unmapped);
    }
    step.makeFlow(false);
  }
}
