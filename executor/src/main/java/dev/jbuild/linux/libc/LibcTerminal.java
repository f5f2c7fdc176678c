package dev.jbuild.linux.libc;

import dev.jbuild.linux.Errno;
import dev.jbuild.linux.Terminal;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A terminal of {@code /dev/ptmx}. Its number stays taken until the last call that uses it ends.
 */
final class LibcTerminal implements Terminal {
  private static final Path MULTIPLEXER = Path.of("/dev/ptmx");
  private static final long AT_FDCWD = -100;
  private static final long O_RDWR = 02;
  private static final long O_NOCTTY = 0400;
  private static final long O_NONBLOCK = 04000;
  private static final long O_CLOEXEC = 02000000;
  private static final long TIOCSPTLCK = 0x40045431L;
  private static final long TIOCGPTN = 0x80045430L;
  private static final long TIOCSWINSZ = 0x5414;
  private static final int PIECE_BYTES = 1 << 12;
  private static final int MAX_SIDE = 0xffff;
  private static final byte END_OF_FILE = 4;

  private final OpenDescriptor descriptor;
  private final Path path;

  /** Calls that use the number, and one for not being closed. */
  private final AtomicInteger users = new AtomicInteger(1);

  private final AtomicBoolean closed = new AtomicBoolean();

  private LibcTerminal(OpenDescriptor descriptor, Path path) {
    this.descriptor = descriptor;
    this.path = path;
  }

  static LibcTerminal open() throws IOException {
    try (var frame = Frame.forPath(MULTIPLEXER, 16)) {
      long number =
          frame.call(
              Syscall.OPENAT, AT_FDCWD, frame.path(MULTIPLEXER), O_RDWR | O_NOCTTY | O_CLOEXEC, 0);
      if (number < 0) {
        throw frame.failure("open a terminal by " + MULTIPLEXER);
      }
      var descriptor = new OpenDescriptor((int) number);
      var value = frame.space(4);
      if (frame.call(Syscall.IOCTL, number, TIOCSPTLCK, value.address()) < 0
          || frame.call(Syscall.IOCTL, number, TIOCGPTN, value.address()) < 0) {
        descriptor.close();
        throw frame.failure("unlock and name a terminal");
      }
      return new LibcTerminal(
          descriptor, Path.of("/dev/pts/" + value.get(ValueLayout.JAVA_INT, 0)));
    }
  }

  /** Does something with the number. */
  private interface Use {
    long with(int number) throws IOException;
  }

  private long use(Use use) throws IOException {
    if (users.getAndUpdate(count -> count == 0 ? 0 : count + 1) == 0) {
      throw new IOException("terminal " + path + " is closed");
    }
    try {
      return use.with(descriptor.number());
    } finally {
      leave();
    }
  }

  private void leave() {
    if (users.decrementAndGet() == 0) {
      descriptor.close();
    }
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public InputStream output() {
    return new Output();
  }

  @Override
  public OutputStream input() {
    return new Input();
  }

  /** Of a terminal that is somebody else's. */
  static void resize(Path terminal, int rows, int columns) throws IOException {
    try (var frame = Frame.forPath(terminal, 8)) {
      long flags = O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC;
      long number = frame.call(Syscall.OPENAT, AT_FDCWD, frame.path(terminal), flags, 0);
      if (number < 0) {
        throw frame.failure("open terminal " + terminal);
      }
      try (var opened = new OpenDescriptor((int) number)) {
        resize(opened.number(), terminal, rows, columns);
      }
    }
  }

  private static void resize(int number, Path terminal, int rows, int columns) throws IOException {
    try (var frame = new Frame(8)) {
      var size = frame.space(8);
      size.set(ValueLayout.JAVA_SHORT, 0, (short) Math.clamp(rows, 0, MAX_SIDE));
      size.set(ValueLayout.JAVA_SHORT, 2, (short) Math.clamp(columns, 0, MAX_SIDE));
      if (frame.call(Syscall.IOCTL, number, TIOCSWINSZ, size.address()) < 0) {
        throw frame.failure("resize terminal " + terminal);
      }
    }
  }

  @Override
  public void resize(int rows, int columns) throws IOException {
    use(
        number -> {
          resize(number, path, rows, columns);
          return 0;
        });
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      leave();
    }
  }

  private int read(byte[] bytes, int offset, int length) throws IOException {
    return (int)
        use(
            number -> {
              int most = Math.min(length, PIECE_BYTES);
              try (var frame = new Frame(most)) {
                var room = frame.space(most);
                long read = frame.call(Syscall.READ, number, room.address(), most);
                while (read < 0 && frame.errno() == Errno.EINTR) {
                  read = frame.call(Syscall.READ, number, room.address(), most);
                }
                if (read < 0 && frame.errno() != Errno.EIO) {
                  throw frame.failure("read from terminal " + path);
                }
                if (read <= 0) {
                  return -1; // EIO: nobody has it open any more
                }
                MemorySegment.copy(room, ValueLayout.JAVA_BYTE, 0, bytes, offset, (int) read);
                return read;
              }
            });
  }

  private void write(byte[] bytes, int offset, int length) throws IOException {
    int done = 0;
    while (done < length) {
      int start = offset + done;
      int most = Math.min(length - done, PIECE_BYTES);
      done +=
          (int)
              use(
                  number -> {
                    try (var frame = new Frame(most)) {
                      var room = frame.space(most);
                      MemorySegment.copy(bytes, start, room, ValueLayout.JAVA_BYTE, 0, most);
                      long written = frame.call(Syscall.WRITE, number, room.address(), most);
                      if (written < 0 && frame.errno() != Errno.EINTR) {
                        throw frame.failure("write to terminal " + path);
                      }
                      return Math.max(0, written);
                    }
                  });
    }
  }

  private final class Output extends InputStream {
    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return LibcTerminal.this.read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      Objects.checkFromIndexSize(offset, length, bytes.length);
      return length == 0 ? 0 : LibcTerminal.this.read(bytes, offset, length);
    }

    @Override
    public void close() {
      LibcTerminal.this.close();
    }
  }

  private final class Input extends OutputStream {
    @Override
    public void write(int value) throws IOException {
      LibcTerminal.this.write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      Objects.checkFromIndexSize(offset, length, bytes.length);
      LibcTerminal.this.write(bytes, offset, length);
    }

    @Override
    public void close() throws IOException {
      write(END_OF_FILE);
    }
  }
}
