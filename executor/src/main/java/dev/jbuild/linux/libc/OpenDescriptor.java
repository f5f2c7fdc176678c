package dev.jbuild.linux.libc;

import dev.jbuild.linux.Descriptor;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

/** A descriptor that this package opened. */
final class OpenDescriptor implements Descriptor {
  private final int number;
  private final AtomicBoolean closed = new AtomicBoolean();

  OpenDescriptor(int number) {
    this.number = number;
  }

  @Override
  public int number() {
    if (closed.get()) {
      throw new IllegalStateException("descriptor " + number + " is closed");
    }
    return number;
  }

  @Override
  public Path path() {
    return Path.of("/proc/" + ProcessHandle.current().pid() + "/fd/" + number());
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      try (var frame = new Frame(0)) {
        // Linux frees the number whatever close(2) says; a second try could hit another's file.
        frame.call(Syscall.CLOSE, number, 0);
      }
    }
  }
}
