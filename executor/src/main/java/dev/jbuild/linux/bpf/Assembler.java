package dev.jbuild.linux.bpf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Puts one program together, instruction after instruction. Used by one thread. Source: RFC 9669;
 * atomic additions and the shape of map addresses as in its sections 5.3 and 5.4.
 */
public final class Assembler {
  private static final int LOAD_CONSTANT = 0x18;
  private static final int LOAD = 0x61;
  private static final int STORE_CONSTANT = 0x62;
  private static final int STORE = 0x63;
  private static final int ATOMIC = 0xc3;
  private static final int JUMP = 0x05;
  private static final int CALL = 0x85;
  private static final int EXIT = 0x95;
  private static final int ADD = 0x07;
  private static final int OR_REGISTER = 0x4f;
  private static final int AND = 0x57;
  private static final int SHIFT_LEFT = 0x67;
  private static final int SHIFT_RIGHT = 0x77;
  private static final int MOVE = 0xb7;
  private static final int MOVE_REGISTER = 0xbf;
  private static final int SWAP = 0xdc;
  private static final int BY_REGISTER = 0x08;
  private static final int MAP_DESCRIPTOR = 1;

  private final List<Instruction> instructions = new ArrayList<>();
  private final Map<Integer, Label> jumps = new LinkedHashMap<>();

  private Assembler put(int code, int to, int from, int offset, int value) {
    if (offset != (short) offset) {
      throw new IllegalArgumentException("offset: want 16 bits, got " + offset);
    }
    instructions.add(new Instruction(code, to, from, (short) offset, value));
    return this;
  }

  /** {@code to = from}. */
  public Assembler move(Register to, Register from) {
    return put(MOVE_REGISTER, to.number(), from.number(), 0, 0);
  }

  /** {@code to = value}, the sign taken along. */
  public Assembler move(Register to, int value) {
    return put(MOVE, to.number(), 0, 0, value);
  }

  /** {@code to = value}, all 64 bits. */
  public Assembler moveLong(Register to, long value) {
    put(LOAD_CONSTANT, to.number(), 0, 0, (int) value);
    return put(0, 0, 0, 0, (int) (value >>> 32));
  }

  /**
   * {@code to =} the map.
   *
   * @param descriptor number of the map's
   */
  public Assembler moveMap(Register to, int descriptor) {
    put(LOAD_CONSTANT, to.number(), MAP_DESCRIPTOR, 0, descriptor);
    return put(0, 0, 0, 0, 0);
  }

  /** {@code to += value}. */
  public Assembler add(Register to, int value) {
    return put(ADD, to.number(), 0, 0, value);
  }

  /** {@code to &= value}. */
  public Assembler and(Register to, int value) {
    return put(AND, to.number(), 0, 0, value);
  }

  /** {@code to |= from}. */
  public Assembler or(Register to, Register from) {
    return put(OR_REGISTER, to.number(), from.number(), 0, 0);
  }

  /** {@code to <<= bits}. */
  public Assembler shiftLeft(Register to, int bits) {
    return put(SHIFT_LEFT, to.number(), 0, 0, bits);
  }

  /** {@code to >>>= bits}. */
  public Assembler shiftRight(Register to, int bits) {
    return put(SHIFT_RIGHT, to.number(), 0, 0, bits);
  }

  /** Between the machine's order and that of the network, for a number of 16 bits. */
  public Assembler swapHalf(Register register) {
    return put(SWAP, register.number(), 0, 0, 16);
  }

  /** {@code to = memory[base + offset]}, filled up with zeros. */
  public Assembler load(Width width, Register to, Register base, int offset) {
    return put(LOAD | width.code(), to.number(), base.number(), offset, 0);
  }

  /** {@code memory[base + offset] = from}. */
  public Assembler store(Width width, Register base, int offset, Register from) {
    return put(STORE | width.code(), base.number(), from.number(), offset, 0);
  }

  /** {@code memory[base + offset] = value}. */
  public Assembler store(Width width, Register base, int offset, int value) {
    return put(STORE_CONSTANT | width.code(), base.number(), 0, offset, value);
  }

  /** {@code memory[base + offset] += from} for all processors at once; four or eight bytes. */
  public Assembler addAtomically(Width width, Register base, int offset, Register from) {
    if (width.bytes() < Width.WORD.bytes()) {
      throw new IllegalArgumentException("atomic: want 4 or 8 bytes, got " + width.bytes());
    }
    return put(ATOMIC | width.code(), base.number(), from.number(), offset, 0);
  }

  /** {@code R0 = function(R1, ...)}. */
  public Assembler call(KernelFunction function) {
    return put(CALL, 0, 0, 0, function.number());
  }

  /** Goes on at the label. */
  public Assembler jump(Label label) {
    jumps.put(instructions.size(), label);
    return put(JUMP, 0, 0, 0, 0);
  }

  /** Goes on at the label if the condition holds; the value's sign is taken along. */
  public Assembler jumpIf(Condition condition, Register left, int value, Label label) {
    jumps.put(instructions.size(), label);
    return put(JUMP | condition.code(), left.number(), 0, 0, value);
  }

  /** Goes on at the label if the condition holds. */
  public Assembler jumpIf(Condition condition, Register left, Register right, Label label) {
    jumps.put(instructions.size(), label);
    int code = JUMP | BY_REGISTER | condition.code();
    return put(code, left.number(), right.number(), 0, 0);
  }

  /** Puts the label here. */
  public Assembler bind(Label label) {
    label.bind(instructions.size());
    return this;
  }

  /** Ends the program with R0. */
  public Assembler exit() {
    return put(EXIT, 0, 0, 0, 0);
  }

  /** The program's bytes, lowest byte first. */
  public byte[] assemble() {
    var bytes = ByteBuffer.allocate(instructions.size() * Instruction.BYTES);
    bytes.order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < instructions.size(); i++) {
      var instruction = instructions.get(i);
      var label = jumps.get(i);
      if (label != null) {
        int distance = label.place() - i - 1;
        if (distance != (short) distance) {
          throw new IllegalStateException("jump: too far, " + distance + " instructions");
        }
        instruction =
            new Instruction(
                instruction.code(),
                instruction.to(),
                instruction.from(),
                (short) distance,
                instruction.value());
      }
      instruction.write(bytes);
    }
    return bytes.array();
  }
}
