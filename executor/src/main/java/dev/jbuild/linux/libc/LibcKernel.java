package dev.jbuild.linux.libc;

import static dev.jbuild.linux.libc.Machine.AT_FDCWD;
import static dev.jbuild.linux.libc.Machine.AT_NO_AUTOMOUNT;
import static dev.jbuild.linux.libc.Machine.AT_SYMLINK_NOFOLLOW;
import static dev.jbuild.linux.libc.Machine.O_CLOEXEC;
import static dev.jbuild.linux.libc.Machine.O_NOFOLLOW;
import static dev.jbuild.linux.libc.Machine.O_NONBLOCK;
import static dev.jbuild.linux.libc.Machine.O_PATH;
import static dev.jbuild.linux.libc.Machine.O_RDONLY;

import dev.jbuild.linux.Descriptor;
import dev.jbuild.linux.Errno;
import dev.jbuild.linux.FileStat;
import dev.jbuild.linux.Kernel;
import dev.jbuild.linux.ResourceLimit;
import dev.jbuild.linux.Terminal;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The running kernel, by foreign function calls. Stateless. */
public final class LibcKernel implements Kernel {
  private static final int STATX_BYTES = 256;
  private static final int STATX_BASIC_STATS = 0x7ff;
  private static final int RESOLVE_NO_MAGICLINKS = 0x02;
  private static final int RESOLVE_IN_ROOT = 0x10;
  private static final int OPEN_HOW_BYTES = 24;
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  /** openat2 answers EAGAIN while a rename runs anywhere on the way. */
  private static final int MAX_OPEN_TRIES = 64;

  @Override
  public void mountOverlay(
      List<Path> lowers,
      @Nullable Path upper,
      @Nullable Path work,
      List<String> options,
      Path target)
      throws IOException {
    new OverlayMount(this, lowers, upper, work, options, target).mount();
  }

  @Override
  public void mount(String source, Path target, String type, long flags, String data)
      throws IOException {
    try (var frame = Frame.forPath(target, source.length() * 3L + data.length() * 3L + 128)) {
      long options = data.isEmpty() ? 0 : frame.string(data);
      long result =
          frame.call(
              Syscall.MOUNT,
              frame.string(source),
              frame.path(target),
              frame.string(type),
              flags,
              options);
      check(frame, result, () -> "mount " + type + " " + source + " on " + target);
    }
  }

  @Override
  public void unmount(Path target, int flags) throws IOException {
    try (var frame = Frame.forPath(target, 0)) {
      long result = frame.call(Syscall.UMOUNT2, frame.path(target), flags);
      check(frame, result, () -> "unmount " + target);
    }
  }

  @Override
  public void makeNode(Path path, int mode, int major, int minor) throws IOException {
    // The kernel's own encoding of 32 bits: 12 of major, 20 of minor.
    long device = ((long) major << 8) | (minor & 0xff) | ((minor & 0xfff00L) << 12);
    try (var frame = Frame.forPath(path, 0)) {
      long result = frame.call(Syscall.MKNODAT, AT_FDCWD, frame.path(path), mode, device);
      check(frame, result, () -> "mknod " + path + " mode " + Integer.toOctalString(mode));
    }
  }

  @Override
  public void changeOwner(Path path, int uid, int gid) throws IOException {
    try (var frame = Frame.forPath(path, 0)) {
      long result =
          frame.call(Syscall.FCHOWNAT, AT_FDCWD, frame.path(path), uid, gid, AT_SYMLINK_NOFOLLOW);
      check(frame, result, () -> "chown " + path + " to " + uid + ":" + gid);
    }
  }

  @Override
  public void changeMode(Path path, int mode) throws IOException {
    try (var frame = Frame.forPath(path, 0)) {
      long result =
          frame.call(Syscall.FCHMODAT2, AT_FDCWD, frame.path(path), mode, AT_SYMLINK_NOFOLLOW);
      if (result < 0 && frame.errno() == Errno.ENOSYS) {
        changeModeByDescriptor(path, mode);
        return;
      }
      check(frame, result, () -> "chmod " + path + " to " + Integer.toOctalString(mode));
    }
  }

  /** Kernels before 6.6: the magic link of a descriptor opened without following stands in. */
  private void changeModeByDescriptor(Path path, int mode) throws IOException {
    try (var opened = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0);
        var frame = new Frame(64)) {
      long name = frame.string("/proc/self/fd/" + opened.number());
      long result = frame.call(Syscall.FCHMODAT, AT_FDCWD, name, mode);
      check(frame, result, () -> "chmod " + path + " to " + Integer.toOctalString(mode));
    }
  }

  @Override
  public void changeTimes(Path path, long accessNanos, long modifiedNanos) throws IOException {
    try (var frame = Frame.forPath(path, 32)) {
      var times = frame.space(32);
      putTime(times, 0, accessNanos);
      putTime(times, 16, modifiedNanos);
      long result =
          frame.call(
              Syscall.UTIMENSAT, AT_FDCWD, frame.path(path), times.address(), AT_SYMLINK_NOFOLLOW);
      check(frame, result, () -> "utimensat " + path);
    }
  }

  private static void putTime(MemorySegment times, long offset, long nanos) {
    times.set(ValueLayout.JAVA_LONG, offset, Math.floorDiv(nanos, NANOS_PER_SECOND));
    times.set(ValueLayout.JAVA_LONG, offset + 8, Math.floorMod(nanos, NANOS_PER_SECOND));
  }

  @Override
  public FileStat stat(Path path) throws IOException {
    try (var frame = Frame.forPath(path, STATX_BYTES)) {
      var stat = frame.space(STATX_BYTES);
      long result =
          frame.call(
              Syscall.STATX,
              AT_FDCWD,
              frame.path(path),
              AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT,
              STATX_BASIC_STATS,
              stat.address());
      check(frame, result, () -> "stat " + path);
      return new FileStat(
          stat.get(ValueLayout.JAVA_SHORT, 28) & 0xffff,
          stat.get(ValueLayout.JAVA_INT, 20),
          stat.get(ValueLayout.JAVA_INT, 24),
          stat.get(ValueLayout.JAVA_LONG, 40),
          time(stat, 112),
          time(stat, 96),
          stat.get(ValueLayout.JAVA_LONG, 32),
          stat.get(ValueLayout.JAVA_INT, 16),
          stat.get(ValueLayout.JAVA_INT, 128),
          stat.get(ValueLayout.JAVA_INT, 132),
          ((long) stat.get(ValueLayout.JAVA_INT, 136) << 32)
              | (stat.get(ValueLayout.JAVA_INT, 140) & 0xffffffffL));
    }
  }

  /** Nanoseconds since 1970, held at the ends of a long: a file may claim any year. */
  private static long time(MemorySegment stat, long offset) {
    long seconds = stat.get(ValueLayout.JAVA_LONG, offset);
    int nanos = stat.get(ValueLayout.JAVA_INT, offset + 8);
    long limit = Long.MAX_VALUE / NANOS_PER_SECOND;
    if (seconds >= limit) {
      return Long.MAX_VALUE;
    }
    return seconds <= -limit ? Long.MIN_VALUE : seconds * NANOS_PER_SECOND + nanos;
  }

  @Override
  public Map<String, byte[]> attributes(Path path) throws IOException {
    return new ExtendedAttributes(path).read();
  }

  @Override
  public void setAttribute(Path path, String name, byte[] value) throws IOException {
    try (var frame = Frame.forPath(path, name.length() * 3L + value.length + 32)) {
      long result =
          frame.call(
              Syscall.LSETXATTR,
              frame.path(path),
              frame.string(name),
              frame.bytes(value),
              value.length,
              0);
      check(frame, result, () -> "setxattr " + name + " of " + path);
    }
  }

  @Override
  public void removeAttribute(Path path, String name) throws IOException {
    try (var frame = Frame.forPath(path, name.length() * 3L + 16)) {
      long result = frame.call(Syscall.LREMOVEXATTR, frame.path(path), frame.string(name));
      check(frame, result, () -> "removexattr " + name + " of " + path);
    }
  }

  @Override
  public void link(Path existing, Path link) throws IOException {
    try (var frame = Frame.forPath(existing, link.toString().length() * 3L + 16)) {
      long result =
          frame.call(Syscall.LINKAT, AT_FDCWD, frame.path(existing), AT_FDCWD, frame.path(link), 0);
      check(frame, result, () -> "link " + link + " to " + existing);
    }
  }

  @Override
  public void rename(Path from, Path to, int flags) throws IOException {
    try (var frame = Frame.forPath(from, to.toString().length() * 3L + 16)) {
      long result =
          frame.call(
              Syscall.RENAMEAT2, AT_FDCWD, frame.path(from), AT_FDCWD, frame.path(to), flags);
      check(frame, result, () -> "rename " + from + " to " + to);
    }
  }

  @Override
  public long copyFile(Path from, Path to) throws IOException {
    return new FileCopy(this, from, to).copy();
  }

  @Override
  public Descriptor openInRoot(Path root, String path) throws IOException {
    try (var base = openPath(root);
        var frame = new Frame(path.length() * 3L + 16 + OPEN_HOW_BYTES)) {
      var how = frame.space(OPEN_HOW_BYTES);
      how.set(ValueLayout.JAVA_LONG, 0, O_PATH | O_CLOEXEC);
      how.set(ValueLayout.JAVA_LONG, 16, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
      long name = frame.string(path.isEmpty() ? "." : path);
      long number = -1;
      for (int tries = 0; tries < MAX_OPEN_TRIES; tries++) {
        number = frame.call(Syscall.OPENAT2, base.number(), name, how.address(), OPEN_HOW_BYTES);
        if (number >= 0 || frame.errno() != Errno.EAGAIN) {
          break;
        }
      }
      check(frame, number, () -> "open " + path + " inside " + root);
      return new OpenDescriptor((int) number);
    }
  }

  @Override
  public void syncFileSystem(Path path) throws IOException {
    try (var opened = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0);
        var frame = new Frame(0)) {
      long result = frame.call(Syscall.SYNCFS, opened.number(), 0);
      check(frame, result, () -> "syncfs " + path);
    }
  }

  @Override
  public ResourceLimit limit(int resource) throws IOException {
    try (var frame = new Frame(16)) {
      var limit = frame.space(16);
      long result = frame.call(Syscall.PRLIMIT64, 0, resource, 0, limit.address());
      check(frame, result, () -> "getrlimit " + resource);
      return new ResourceLimit(
          limit.get(ValueLayout.JAVA_LONG, 0), limit.get(ValueLayout.JAVA_LONG, 8));
    }
  }

  @Override
  public Terminal openTerminal() throws IOException {
    return LibcTerminal.open();
  }

  @Override
  public void resizeTerminal(Path terminal, int rows, int columns) throws IOException {
    LibcTerminal.resize(terminal, rows, columns);
  }

  @Override
  public void signal(int processId, int signal) throws IOException {
    try (var frame = new Frame(0)) {
      long result = frame.call(Syscall.KILL, processId, signal);
      check(frame, result, () -> "kill " + processId + " with signal " + signal);
    }
  }

  @Override
  public int processId() {
    try (var frame = new Frame(0)) {
      return (int) frame.call(Syscall.GETPID, 0, 0);
    }
  }

  @Override
  public int effectiveUserId() {
    try (var frame = new Frame(0)) {
      return (int) frame.call(Syscall.GETEUID, 0, 0);
    }
  }

  @Override
  public long effectiveCapabilities() throws IOException {
    var status = Path.of("/proc/self/status");
    for (String line : Files.readAllLines(status, StandardCharsets.UTF_8)) {
      if (line.startsWith("CapEff:")) {
        return Long.parseUnsignedLong(line.substring(7).strip(), 16);
      }
    }
    throw new IOException(status + ": no line CapEff");
  }

  /** A descriptor that only stands for the path; follows links. */
  Descriptor openPath(Path path) throws IOException {
    return open(path, O_PATH | O_CLOEXEC, 0);
  }

  /** {@code openat(2)}. */
  Descriptor open(Path path, int flags, int mode) throws IOException {
    try (var frame = Frame.forPath(path, 0)) {
      long number = frame.call(Syscall.OPENAT, AT_FDCWD, frame.path(path), flags, mode);
      check(frame, number, () -> "open " + path);
      return new OpenDescriptor((int) number);
    }
  }

  private static void check(Frame frame, long result, What what) throws IOException {
    if (result < 0) {
      throw frame.failure(what.text());
    }
  }

  /** Words for an error, made only when needed. */
  private interface What {
    String text();
  }
}
