package dev.jbuild.process.seccomp;

import dev.jbuild.linux.Errno;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Puts a head before a filter that answers ENOSYS to calls newer than the profile: a libc that
 * tries such a call falls back to an older one on ENOSYS, but gives up on EPERM. Jumps of BPF are
 * relative, so the filter behind it stays as it is. Source: seccomp(2), linux/filter.h.
 */
final class UnknownCalls {
  private static final int LOAD_WORD = 0x20;
  private static final int JUMP_EQUAL = 0x15;
  private static final int JUMP_GREATER = 0x25;
  private static final int JUMP_AT_LEAST = 0x35;
  private static final int RETURN = 0x06;
  private static final int OFFSET_NUMBER = 0;
  private static final int OFFSET_ARCHITECTURE = 4;
  private static final int RETURN_ERRNO = 0x00050000;

  /** Numbers of the x32 calls, which x86-64 shares its architecture with, start here. */
  private static final int X32_BIT = 0x40000000;

  private static final int INSTRUCTION_BYTES = 8;
  private static final int INSTRUCTIONS_PER_ARCHITECTURE = 6;

  private UnknownCalls() {}

  /**
   * @param program native-endian {@code struct sock_filter}s
   */
  static byte[] refuse(List<NewestCall> newest, byte[] program) {
    int size = newest.size() * INSTRUCTIONS_PER_ARCHITECTURE * INSTRUCTION_BYTES + program.length;
    var code = ByteBuffer.allocate(size).order(ByteOrder.nativeOrder());
    for (var call : newest) {
      put(code, LOAD_WORD, 0, 0, OFFSET_ARCHITECTURE);
      put(code, JUMP_EQUAL, 0, 4, call.architecture());
      put(code, LOAD_WORD, 0, 0, OFFSET_NUMBER);
      put(code, JUMP_AT_LEAST, 2, 0, X32_BIT);
      put(code, JUMP_GREATER, 0, 1, call.number());
      put(code, RETURN, 0, 0, RETURN_ERRNO | Errno.ENOSYS);
    }
    return code.put(program).array();
  }

  private static void put(ByteBuffer code, int operation, int ifTrue, int ifFalse, int value) {
    code.putShort((short) operation).put((byte) ifTrue).put((byte) ifFalse).putInt(value);
  }
}
