package dev.jbuild.linux.bpf;

import java.nio.ByteBuffer;

/**
 * One instruction. Source: RFC 9669, section 3.
 *
 * @param code operation
 * @param to number of the register that is written
 * @param from number of the register that is read
 * @param offset of a jump or of memory
 * @param value constant
 */
record Instruction(int code, int to, int from, short offset, int value) {
  static final int BYTES = 8;

  /** As machines with the lowest byte first take it, which all ours are. */
  void write(ByteBuffer littleEndian) {
    littleEndian.put((byte) code).put((byte) (from << 4 | to)).putShort(offset).putInt(value);
  }
}
