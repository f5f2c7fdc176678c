package dev.jbuild.daemon.transport;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Tells the service manager how the daemon is. It listens at a datagram socket, of which the JDK
 * has none on the file system. Source: sd_notify(3).
 */
@SuppressWarnings("restricted")
public final class ServiceNotice {
  private static final int AF_UNIX = 1;
  private static final int SOCK_DGRAM_CLOEXEC = 2 | 02000000;

  private final String socket;

  private ServiceNotice(String socket) {
    this.socket = socket;
  }

  /** Without {@code NOTIFY_SOCKET} nobody is told, and nothing is loaded. */
  public static ServiceNotice of(Map<String, String> env) {
    return new ServiceNotice(env.getOrDefault("NOTIFY_SOCKET", ""));
  }

  /** Sends a state such as {@code READY=1}; a manager that does not take it is logged. */
  public void send(String state) {
    if (socket.isEmpty()) {
      return;
    }
    try (var arena = Arena.ofConfined()) {
      if (!sent(arena, state)) {
        complain("nobody takes it");
      }
    } catch (Throwable e) {
      complain(e.toString());
    }
  }

  private void complain(String why) {
    System.getLogger(ServiceNotice.class.getName())
        .log(System.Logger.Level.WARNING, "the service manager at {0}: {1}", socket, why);
  }

  private boolean sent(Arena arena, String state) throws Throwable {
    var linker = Linker.nativeLinker();
    int descriptor =
        (int)
            of(linker, "socket", ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT)
                .invokeExact(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
    if (descriptor < 0) {
      return false;
    }
    try {
      byte[] text = state.getBytes(StandardCharsets.UTF_8);
      byte[] name = name();
      return (long)
              sendTo(linker)
                  .invokeExact(
                      descriptor,
                      arena.allocateFrom(ValueLayout.JAVA_BYTE, text),
                      (long) text.length,
                      0,
                      arena.allocateFrom(ValueLayout.JAVA_BYTE, name),
                      name.length)
          == text.length;
    } finally {
      int ignored = (int) of(linker, "close", ValueLayout.JAVA_INT).invokeExact(descriptor);
    }
  }

  /** {@code sockaddr_un}: the family, then the path; an at sign stands for a leading zero. */
  private byte[] name() {
    byte[] path = socket.getBytes(StandardCharsets.UTF_8);
    if (path[0] == '@') {
      path[0] = 0;
    }
    return ByteBuffer.allocate(2 + path.length)
        .order(ByteOrder.nativeOrder())
        .putShort((short) AF_UNIX)
        .put(path)
        .array();
  }

  private static MethodHandle of(Linker linker, String name, ValueLayout.OfInt... arguments) {
    return linker.downcallHandle(
        symbol(linker, name), FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments));
  }

  private static MethodHandle sendTo(Linker linker) {
    return linker.downcallHandle(
        symbol(linker, "sendto"),
        FunctionDescriptor.of(
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_INT,
            ValueLayout.ADDRESS,
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_INT,
            ValueLayout.ADDRESS,
            ValueLayout.JAVA_INT));
  }

  private static MemorySegment symbol(Linker linker, String name) {
    return linker.defaultLookup().findOrThrow(name);
  }
}
