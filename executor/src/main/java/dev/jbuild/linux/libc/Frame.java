package dev.jbuild.linux.libc;

import dev.jbuild.linux.ErrnoException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Memory for the arguments of one or a few system calls, taken in one piece and given back on
 * close. All calls go through libc's {@code syscall(2)}: one foreign function, linked once,
 * whatever is called (linking costs 15 to 40 ms each). Used by one thread.
 */
final class Frame implements AutoCloseable {
  private static final Linker.Option CAPTURE = Linker.Option.captureCallState("errno");
  private static final MethodHandle SYSCALL = link();

  /** The captured errno lies at the start. */
  private static final int ERRNO_BYTES = 8;

  private final Arena arena = Arena.ofConfined();
  private final MemorySegment memory;
  private long used = ERRNO_BYTES;

  /**
   * @param bytes room for strings and buffers of the calls; more is possible but costs more
   */
  Frame(long bytes) {
    memory = arena.allocate(ERRNO_BYTES + bytes, 8);
  }

  /** A frame for one path and some room beside it. */
  static Frame forPath(Path path, long more) {
    return new Frame(path.toString().length() * 3L + 16 + more);
  }

  @SuppressWarnings("restricted")
  private static MethodHandle link() {
    var linker = Linker.nativeLinker();
    var word = ValueLayout.JAVA_LONG;
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow("syscall"),
        FunctionDescriptor.of(word, word, word, word, word, word, word, word),
        Linker.Option.firstVariadicArg(1),
        CAPTURE);
  }

  /** Zeroed room, eight-byte aligned. */
  MemorySegment space(long bytes) {
    long start = used;
    long end = (start + bytes + 7) & ~7L;
    if (end > memory.byteSize()) {
      return arena.allocate(bytes, 8);
    }
    used = end;
    return memory.asSlice(start, bytes);
  }

  /** Address of the path as UTF-8 with a closing zero. */
  long path(Path path) {
    return string(path.toString());
  }

  /** Address of the text as UTF-8 with a closing zero. */
  long string(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    var segment = space(utf8.length + 1L);
    MemorySegment.copy(utf8, 0, segment, ValueLayout.JAVA_BYTE, 0, utf8.length);
    return segment.address();
  }

  /** Address of a copy of the bytes. */
  long bytes(byte[] bytes) {
    var segment = space(bytes.length);
    MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, 0, bytes.length);
    return segment.address();
  }

  long call(Syscall call, long a, long b) {
    return call(call, a, b, 0, 0, 0, 0);
  }

  long call(Syscall call, long a, long b, long c) {
    return call(call, a, b, c, 0, 0, 0);
  }

  long call(Syscall call, long a, long b, long c, long d) {
    return call(call, a, b, c, d, 0, 0);
  }

  long call(Syscall call, long a, long b, long c, long d, long e) {
    return call(call, a, b, c, d, e, 0);
  }

  /** Makes the call; -1 says that {@link #errno()} holds the reason. */
  long call(Syscall call, long a, long b, long c, long d, long e, long f) {
    try {
      return (long) SYSCALL.invokeExact(memory, (long) call.number(), a, b, c, d, e, f);
    } catch (Throwable thrown) {
      throw new IllegalStateException("syscall " + call + " could not be made", thrown);
    }
  }

  /** Why the last call of this frame failed. */
  int errno() {
    return memory.get(ValueLayout.JAVA_INT, 0);
  }

  /** The last call's failure. */
  ErrnoException failure(String what) {
    return new ErrnoException(what, errno());
  }

  @Override
  public void close() {
    arena.close();
  }
}
