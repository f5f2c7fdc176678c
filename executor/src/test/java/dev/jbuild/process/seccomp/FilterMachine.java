package dev.jbuild.process.seccomp;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Runs a seccomp filter as the kernel would, so far as compilers of filters use it. Source:
 * linux/filter.h, linux/seccomp.h.
 */
final class FilterMachine {
  private static final int DATA_BYTES = 64;

  private final ByteBuffer code;

  FilterMachine(byte[] program) {
    code = ByteBuffer.wrap(program).order(ByteOrder.nativeOrder());
  }

  /** The action for a call with its first arguments; the others are 0. */
  int decide(int architecture, int number, long... arguments) {
    var data = ByteBuffer.allocate(DATA_BYTES).order(ByteOrder.nativeOrder());
    data.putInt(number).putInt(architecture).putLong(0);
    for (long argument : arguments) {
      data.putLong(argument);
    }
    int accumulator = 0;
    int at = 0;
    while (true) {
      int operation = code.getShort(at * 8) & 0xffff;
      int ifTrue = code.get(at * 8 + 2) & 0xff;
      int ifFalse = code.get(at * 8 + 3) & 0xff;
      int value = code.getInt(at * 8 + 4);
      at++;
      switch (operation) {
        case 0x20 -> accumulator = data.getInt(value);
        case 0x54 -> accumulator &= value;
        case 0x05 -> at += value;
        case 0x15 -> at += accumulator == value ? ifTrue : ifFalse;
        case 0x25 -> at += Integer.compareUnsigned(accumulator, value) > 0 ? ifTrue : ifFalse;
        case 0x35 -> at += Integer.compareUnsigned(accumulator, value) >= 0 ? ifTrue : ifFalse;
        case 0x06 -> {
          return value;
        }
        default -> throw new IllegalStateException("operation " + Integer.toHexString(operation));
      }
    }
  }
}
