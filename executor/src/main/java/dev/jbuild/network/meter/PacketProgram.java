package dev.jbuild.network.meter;

import static dev.jbuild.linux.bpf.Register.R0;
import static dev.jbuild.linux.bpf.Register.R1;
import static dev.jbuild.linux.bpf.Register.R2;
import static dev.jbuild.linux.bpf.Register.R3;
import static dev.jbuild.linux.bpf.Register.R4;
import static dev.jbuild.linux.bpf.Register.R6;
import static dev.jbuild.linux.bpf.Register.R8;
import static dev.jbuild.linux.bpf.Register.R9;
import static dev.jbuild.linux.bpf.Register.STACK;

import dev.jbuild.linux.bpf.Assembler;
import dev.jbuild.linux.bpf.Condition;
import dev.jbuild.linux.bpf.KernelFunction;
import dev.jbuild.linux.bpf.Label;
import dev.jbuild.linux.bpf.Width;

/**
 * Counts packets as the network layer sees them: those that leave a socket of the step after its
 * namespace's own rules, those that reach one before it reads them. Source: the kernel's {@code
 * struct __sk_buff} and {@code struct bpf_sock}; RFC 791, 8200, 9293.
 */
final class PacketProgram {
  /** {@code struct __sk_buff}. */
  private static final int SKB_LENGTH = 0;

  private static final int SKB_PROTOCOL = 16;
  private static final int SKB_FAMILY = 88;
  private static final int SKB_REMOTE_IP4 = 92;
  private static final int SKB_REMOTE_IP6 = 100;
  private static final int SKB_REMOTE_PORT = 132;
  private static final int SKB_SOCKET = 168;

  /** {@code struct bpf_sock}. */
  private static final int SOCKET_STATE = 72;

  private static final int SYN_SENT = 2;

  /** Numbers of {@code ETH_P_...} as they lie in memory in the network's order. */
  private static final int ETH_IP = 0x0008;

  private static final int ETH_IP6 = 0xdd86;
  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;

  private static final int IP_BYTES = 20;
  private static final int IP_PROTOCOL = 9;
  private static final int IP_SOURCE = 12;
  private static final int IP_DESTINATION = 16;
  private static final int IP6_BYTES = 40;
  private static final int IP6_PROTOCOL = 6;
  private static final int IP6_SOURCE = 8;
  private static final int IP6_DESTINATION = 24;

  private static final int TCP_BYTES = 14;
  private static final int UDP_BYTES = 4;
  private static final int TCP_FLAGS = 13;
  private static final int SYN = 0x02;
  private static final int RST = 0x04;
  private static final int ACK = 0x10;

  private final MeterMaps maps;
  private final boolean leaving;
  private final StepProgram step;
  private final Assembler code;
  private final Label account = new Label();

  private PacketProgram(MeterMaps maps, boolean leaving) {
    this.maps = maps;
    this.leaving = leaving;
    this.step = new StepProgram(maps);
    this.code = step.code();
  }

  /**
   * The program.
   *
   * @param leaving for packets that the step sends
   */
  static byte[] assemble(MeterMaps maps, boolean leaving) {
    return new PacketProgram(maps, leaving).assemble();
  }

  private byte[] assemble() {
    step.findStep(true);
    step.clearKey();
    readAddress();
    readPorts();
    findFlow();
    code.bind(account);
    addUp();
    return step.finish();
  }

  /** Leaves the address and the protocol in the key, and in R9 where the next header begins. */
  private void readAddress() {
    var ip6 = new Label();
    var done = new Label();
    code.move(R8, 0)
        .load(Width.WORD, R1, R6, SKB_PROTOCOL)
        .jumpIf(Condition.EQUAL, R1, ETH_IP6, ip6)
        .jumpIf(Condition.NOT_EQUAL, R1, ETH_IP, step.pass());
    loadHeader(0, IP_BYTES);
    code.load(Width.WORD, R1, STACK, StepProgram.HEADER + (leaving ? IP_DESTINATION : IP_SOURCE));
    step.keyAddress4(R1);
    code.load(Width.BYTE, R1, STACK, StepProgram.HEADER + IP_PROTOCOL)
        .store(Width.BYTE, STACK, StepProgram.KEY_PROTOCOL, R1)
        .load(Width.BYTE, R9, STACK, StepProgram.HEADER)
        .and(R9, 0x0f)
        .shiftLeft(R9, 2)
        .jump(done)
        .bind(ip6);
    loadHeader(0, IP6_BYTES);
    int address = StepProgram.HEADER + (leaving ? IP6_DESTINATION : IP6_SOURCE);
    for (int at = 0; at < 16; at += 8) {
      code.load(Width.DOUBLE, R1, STACK, address + at)
          .store(Width.DOUBLE, STACK, StepProgram.KEY_ADDRESS + at, R1);
    }
    code.load(Width.BYTE, R1, STACK, StepProgram.HEADER + IP6_PROTOCOL)
        .store(Width.BYTE, STACK, StepProgram.KEY_PROTOCOL, R1)
        .move(R9, IP6_BYTES)
        .bind(done);
  }

  /** Loads from a constant place. */
  private void loadHeader(int at, int bytes) {
    code.move(R2, at);
    loadHeader(bytes);
  }

  /** Loads from where R2 says. Ends where the packet is shorter. */
  private void loadHeader(int bytes) {
    code.move(R1, R6)
        .move(R3, STACK)
        .add(R3, StepProgram.HEADER)
        .move(R4, bytes)
        .call(KernelFunction.SKB_LOAD_BYTES)
        .jumpIf(Condition.NOT_EQUAL, R0, 0, step.pass());
  }

  /** Leaves the peer's port in the key and the flags of TCP in R8; R1 is the protocol. */
  private void readPorts() {
    var tcp = new Label();
    var udp = new Label();
    var port = new Label();
    var done = new Label();
    code.load(Width.BYTE, R1, STACK, StepProgram.KEY_PROTOCOL)
        .jumpIf(Condition.EQUAL, R1, Flow.TCP, tcp)
        .jumpIf(Condition.EQUAL, R1, Flow.UDP, udp)
        .jumpIf(Condition.NOT_EQUAL, R1, Flow.ICMP6, done)
        .store(Width.BYTE, STACK, StepProgram.KEY_PROTOCOL, Flow.ICMP)
        .jump(done)
        .bind(tcp)
        .move(R2, R9);
    loadHeader(TCP_BYTES);
    code.load(Width.BYTE, R8, STACK, StepProgram.HEADER + TCP_FLAGS)
        .jump(port)
        .bind(udp)
        .move(R2, R9);
    loadHeader(UDP_BYTES);
    code.bind(port)
        .load(Width.HALF, R1, STACK, StepProgram.HEADER + (leaving ? 2 : 0))
        .swapHalf(R1)
        .store(Width.HALF, STACK, StepProgram.KEY_PORT, R1);
    preferSocket(done);
    code.bind(done);
  }

  /**
   * A connected socket knows whom the step wanted to talk to; the packet may show somebody else,
   * where the namespace's own rules translate addresses (ports of the host).
   */
  private void preferSocket(Label done) {
    var ip6 = new Label();
    var port = new Label();
    code.load(Width.WORD, R1, R6, SKB_FAMILY)
        .jumpIf(Condition.EQUAL, R1, AF_INET6, ip6)
        .jumpIf(Condition.NOT_EQUAL, R1, AF_INET, done)
        .load(Width.WORD, R1, R6, SKB_REMOTE_IP4)
        .jumpIf(Condition.EQUAL, R1, 0, done);
    step.keyAddress4(R1);
    code.jump(port).bind(ip6).move(R1, 0);
    for (int at = 0; at < 16; at += 4) {
      code.load(Width.WORD, R2, R6, SKB_REMOTE_IP6 + at).or(R1, R2);
    }
    code.jumpIf(Condition.EQUAL, R1, 0, done);
    for (int at = 0; at < 16; at += 4) {
      code.load(Width.WORD, R2, R6, SKB_REMOTE_IP6 + at)
          .store(Width.WORD, STACK, StepProgram.KEY_ADDRESS + at, R2);
    }
    code.bind(port)
        .load(Width.WORD, R1, R6, SKB_REMOTE_PORT)
        .shiftRight(R1, 16) // the kernel gives it in the upper half
        .swapHalf(R1)
        .store(Width.HALF, STACK, StepProgram.KEY_PORT, R1);
  }

  /** Leaves the flow in R0. */
  private void findFlow() {
    var unknown = new Label();
    step.lookUp(maps.flows(), unknown);
    code.jump(account).bind(unknown);
    var tcp = new Label();
    var udp = new Label();
    code.load(Width.BYTE, R1, STACK, StepProgram.KEY_PROTOCOL)
        .jumpIf(Condition.EQUAL, R1, Flow.TCP, tcp)
        .jumpIf(Condition.EQUAL, R1, Flow.UDP, udp);
    step.makeFlow(!leaving);
    code.jump(account).bind(udp);
    newUdp();
    code.jump(account).bind(tcp);
    newTcp();
  }

  /**
   * Whoever sends first is the one who began. Peers that began are one entry per address, so their
   * own ports are kept aside: an answer to one of these is no new flow.
   */
  private void newUdp() {
    var fresh = new Label();
    var first = new Label();
    if (leaving) {
      step.lookUp(maps.callers(), fresh);
    } else {
      code.store(Width.WORD, STACK, StepProgram.HEADER, 1)
          .moveMap(R1, maps.callers().descriptor().number())
          .move(R2, STACK)
          .add(R2, StepProgram.KEY)
          .move(R3, STACK)
          .add(R3, StepProgram.HEADER)
          .move(R4, 0)
          .call(KernelFunction.MAP_UPDATE_ELEM);
    }
    code.store(Width.HALF, STACK, StepProgram.KEY_PORT, 0);
    step.lookUp(maps.flows(), first);
    code.jump(account).bind(first);
    step.makeFlow(true);
    if (leaving) {
      code.jump(account).bind(fresh);
      step.makeFlow(false);
    }
  }

  /** The first packet of a connection says who began; what fits none belongs to a peer's. */
  private void newTcp() {
    var accepted = new Label();
    var first = new Label();
    code.move(R1, R8).and(R1, SYN | ACK).jumpIf(Condition.NOT_EQUAL, R1, SYN, accepted);
    if (leaving) {
      step.makeFlow(false);
      code.jump(account);
    }
    code.bind(accepted).store(Width.HALF, STACK, StepProgram.KEY_PORT, 0);
    step.lookUp(maps.flows(), leaving ? step.pass() : first);
    if (!leaving) {
      code.jump(account)
          .bind(first)
          .move(R1, R8)
          .and(R1, SYN | ACK)
          .jumpIf(Condition.NOT_EQUAL, R1, SYN, step.pass());
      step.makeFlow(true);
    }
  }

  /** Adds the packet to the flow in R0, and looks at what becomes of connections. */
  private void addUp() {
    code.move(R9, R0)
        .load(Width.WORD, R1, R6, SKB_LENGTH)
        .addAtomically(Width.DOUBLE, R9, leaving ? Flow.SENT : Flow.RECEIVED, R1)
        .move(R1, 1)
        .addAtomically(Width.WORD, R9, leaving ? Flow.PACKETS_SENT : Flow.PACKETS_RECEIVED, R1);
    if (leaving) {
      return;
    }
    var noSyn = new Label();
    code.move(R1, R8)
        .and(R1, SYN | ACK)
        .jumpIf(Condition.NOT_EQUAL, R1, SYN | ACK, noSyn)
        .store(Width.WORD, R9, Flow.LAST, Flow.ACCEPTED)
        .bind(noSyn)
        .and(R8, RST)
        .jumpIf(Condition.EQUAL, R8, 0, step.pass())
        .load(Width.DOUBLE, R1, R6, SKB_SOCKET)
        .jumpIf(Condition.EQUAL, R1, 0, step.pass())
        .load(Width.WORD, R1, R1, SOCKET_STATE)
        .jumpIf(Condition.NOT_EQUAL, R1, SYN_SENT, step.pass())
        .store(Width.WORD, R9, Flow.LAST, Flow.RESET);
  }
}
