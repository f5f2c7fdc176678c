package dev.jbuild.linux.libc;

/** Ends this process. */
public final class ProcessExit {
  private ProcessExit() {}

  /**
   * Ends the process with no look back: {@code exit_group(2)}. {@link Runtime#halt} waits 0.3
   * seconds first when a thread is in a native call, and the JDK's own that polls sockets always
   * is.
   *
   * @param code 0 to 255
   */
  public static void now(int code) {
    try (var frame = new Frame(0)) {
      frame.call(Syscall.EXIT_GROUP, code, 0);
    } finally {
      Runtime.getRuntime().halt(code); // where native calls are not allowed
    }
  }
}
