package dev.jbuild.network.meter;

import static dev.jbuild.linux.bpf.Register.R0;
import static dev.jbuild.linux.bpf.Register.R1;
import static dev.jbuild.linux.bpf.Register.R2;
import static dev.jbuild.linux.bpf.Register.R3;
import static dev.jbuild.linux.bpf.Register.R4;
import static dev.jbuild.linux.bpf.Register.R6;
import static dev.jbuild.linux.bpf.Register.R7;
import static dev.jbuild.linux.bpf.Register.R8;
import static dev.jbuild.linux.bpf.Register.R9;
import static dev.jbuild.linux.bpf.Register.STACK;

import dev.jbuild.linux.BpfKernel.BpfMap;
import dev.jbuild.linux.bpf.Assembler;
import dev.jbuild.linux.bpf.Condition;
import dev.jbuild.linux.bpf.KernelFunction;
import dev.jbuild.linux.bpf.Label;
import dev.jbuild.linux.bpf.Register;
import dev.jbuild.linux.bpf.Width;

/**
 * What all programs of the meter begin and end with: they find the step, they find or make its
 * entry in the table of flows, and they always let through what they look at.
 *
 * <p>R6 is the context, R7 the step's counts; the key of a flow lies on the stack at {@link #KEY}.
 */
final class StepProgram {
  /** Where the key of the flow is, seen from the end of the stack. */
  static final int KEY = -Flow.KEY_BYTES;

  static final int KEY_ADDRESS = KEY + Flow.ADDRESS;
  static final int KEY_PORT = KEY + Flow.PORT;
  static final int KEY_PROTOCOL = KEY + Flow.PROTOCOL;
  private static final int VALUE = KEY - Flow.VALUE_BYTES;

  /** Free room on the stack for headers of packets, up to {@link #VALUE}. */
  static final int HEADER = VALUE - 48;

  /** Deepest group that is looked at; the root has depth 0. */
  private static final int MAX_DEPTH = 15;

  private static final int BPF_NOEXIST = 1;
  private static final int EEXIST = 17;
  private static final int LOOPBACK_NETWORK = 127;
  private static final int MAPPED = 0xffff;
  private static final int LOOPBACK6_TAIL = 1 << 24;

  private final MeterMaps maps;
  private final Assembler code = new Assembler();
  private final Label pass = new Label();

  StepProgram(MeterMaps maps) {
    this.maps = maps;
  }

  Assembler code() {
    return code;
  }

  /** Where the program ends, and lets through what it looked at. */
  Label pass() {
    return pass;
  }

  byte[] finish() {
    return code.bind(pass).move(R0, 1).exit().assemble();
  }

  /**
   * Finds the step that the packet's socket or the running process belongs to: the group right
   * below ours, however deep the process is in groups of its own. Ends where there is none.
   *
   * @param ofPacket whether the context is a packet
   */
  void findStep(boolean ofPacket) {
    var found = new Label();
    code.move(R6, R1).moveLong(R8, maps.parent());
    for (int depth = 1; depth <= MAX_DEPTH; depth++) {
      code.move(R9, depth + 1);
      ancestor(ofPacket, depth);
      code.jumpIf(Condition.EQUAL, R0, R8, found).jumpIf(Condition.EQUAL, R0, 0, pass);
    }
    code.jump(pass).bind(found);
    if (ofPacket) {
      code.move(R1, R6).move(R2, R9).call(KernelFunction.SKB_ANCESTOR_CGROUP_ID);
    } else {
      code.move(R1, R9).call(KernelFunction.GET_CURRENT_ANCESTOR_CGROUP_ID);
    }
    code.jumpIf(Condition.EQUAL, R0, 0, pass)
        .store(Width.DOUBLE, STACK, KEY, R0)
        .moveMap(R1, maps.counts().descriptor().number())
        .move(R2, STACK)
        .add(R2, KEY)
        .call(KernelFunction.MAP_LOOKUP_ELEM)
        .jumpIf(Condition.EQUAL, R0, 0, pass)
        .move(R7, R0);
  }

  private void ancestor(boolean ofPacket, int depth) {
    if (ofPacket) {
      code.move(R1, R6).move(R2, depth).call(KernelFunction.SKB_ANCESTOR_CGROUP_ID);
    } else {
      code.move(R1, depth).call(KernelFunction.GET_CURRENT_ANCESTOR_CGROUP_ID);
    }
  }

  /** Adds one to a count of the step. */
  void count(int offset) {
    code.move(R1, 1).addAtomically(Width.WORD, R7, offset, R1);
  }

  /** Empties the key but for the step. */
  void clearKey() {
    code.store(Width.DOUBLE, STACK, KEY_ADDRESS, 0)
        .store(Width.DOUBLE, STACK, KEY_ADDRESS + 8, 0)
        .store(Width.DOUBLE, STACK, KEY_PORT, 0);
  }

  /** Puts an IPv4 address into the key, in the network's order as it is in the register. */
  void keyAddress4(Register address) {
    code.store(Width.DOUBLE, STACK, KEY_ADDRESS, 0)
        .store(Width.WORD, STACK, KEY_ADDRESS + 8, MAPPED << 16)
        .store(Width.WORD, STACK, KEY_ADDRESS + 12, address);
  }

  /** Looks for the key; R0 is the entry, or the label is where it goes on. */
  void lookUp(BpfMap map, Label missing) {
    code.moveMap(R1, map.descriptor().number())
        .move(R2, STACK)
        .add(R2, KEY)
        .call(KernelFunction.MAP_LOOKUP_ELEM)
        .jumpIf(Condition.EQUAL, R0, 0, missing);
  }

  /** Makes an entry for the key and leaves it in R0. Ends where there is no room. */
  void makeFlow(boolean incoming) {
    var lost = new Label();
    var made = new Label();
    var there = new Label();
    code.load(Width.WORD, R1, R7, StepCounts.FLOWS)
        .jumpIf(Condition.GREATER_OR_EQUAL, R1, maps.flowsPerStep(), lost);
    for (int at = 0; at < Flow.VALUE_BYTES; at += 8) {
      code.store(Width.DOUBLE, STACK, VALUE + at, 0);
    }
    code.store(Width.WORD, STACK, VALUE + Flow.INCOMING, incoming ? 1 : 0)
        .moveMap(R1, maps.flows().descriptor().number())
        .move(R2, STACK)
        .add(R2, KEY)
        .move(R3, STACK)
        .add(R3, VALUE)
        .move(R4, BPF_NOEXIST)
        .call(KernelFunction.MAP_UPDATE_ELEM)
        .jumpIf(Condition.EQUAL, R0, 0, made)
        .jumpIf(Condition.EQUAL, R0, -EEXIST, there)
        .bind(lost);
    count(StepCounts.LOST);
    code.jump(pass).bind(made);
    count(StepCounts.FLOWS);
    countIfBeyond();
    code.bind(there);
    lookUp(maps.flows(), pass);
  }

  /** Counts when the key's address is not on the own loopback; 0.0.0.0 and :: stand for that. */
  void countIfBeyond() {
    var far = new Label();
    var near = new Label();
    var mapped = new Label();
    code.load(Width.DOUBLE, R1, STACK, KEY_ADDRESS)
        .jumpIf(Condition.NOT_EQUAL, R1, 0, far)
        .load(Width.WORD, R2, STACK, KEY_ADDRESS + 12)
        .load(Width.HALF, R1, STACK, KEY_ADDRESS + 8)
        .jumpIf(Condition.NOT_EQUAL, R1, 0, far)
        .load(Width.HALF, R1, STACK, KEY_ADDRESS + 10)
        .jumpIf(Condition.EQUAL, R1, MAPPED, mapped)
        .jumpIf(Condition.NOT_EQUAL, R1, 0, far)
        .jumpIf(Condition.EQUAL, R2, LOOPBACK6_TAIL, near)
        .jumpIf(Condition.EQUAL, R2, 0, near)
        .jump(far)
        .bind(mapped)
        .jumpIf(Condition.EQUAL, R2, 0, near)
        .and(R2, 0xff)
        .jumpIf(Condition.EQUAL, R2, LOOPBACK_NETWORK, near)
        .bind(far);
    count(StepCounts.BEYOND);
    code.bind(near);
  }
}
