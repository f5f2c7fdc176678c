package dev.jbuild.linux.libc;

import static dev.jbuild.linux.libc.Machine.O_CLOEXEC;
import static dev.jbuild.linux.libc.Machine.O_CREAT;
import static dev.jbuild.linux.libc.Machine.O_EXCL;
import static dev.jbuild.linux.libc.Machine.O_NOFOLLOW;
import static dev.jbuild.linux.libc.Machine.O_RDONLY;
import static dev.jbuild.linux.libc.Machine.O_WRONLY;

import dev.jbuild.linux.Descriptor;
import dev.jbuild.linux.Errno;
import java.io.IOException;
import java.nio.file.Path;

/** Copies one file inside the kernel. Source: copy_file_range(2), sendfile(2). */
final class FileCopy {
  /** What one call may copy: small enough that an interrupt is noticed within a moment. */
  private static final long CHUNK_BYTES = 64L << 20;

  private final LibcKernel kernel;
  private final Path from;
  private final Path to;

  FileCopy(LibcKernel kernel, Path from, Path to) {
    this.kernel = kernel;
    this.from = from;
    this.to = to;
  }

  long copy() throws IOException {
    try (var source = kernel.open(from, O_RDONLY | O_NOFOLLOW | O_CLOEXEC, 0);
        var target = kernel.open(to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        var frame = new Frame(0)) {
      var call = Syscall.COPY_FILE_RANGE;
      long total = 0;
      while (true) {
        long copied = step(frame, call, source, target);
        if (copied > 0) {
          total += copied;
        } else if (call == Syscall.COPY_FILE_RANGE && (copied == 0 || fallsBack(frame.errno()))) {
          // Files of /proc say they are empty to copy_file_range; sendfile finds the true end.
          call = Syscall.SENDFILE;
        } else if (copied == 0) {
          return total;
        } else if (frame.errno() != Errno.EINTR) {
          throw frame.failure("copy " + from + " to " + to);
        }
      }
    }
  }

  private static long step(Frame frame, Syscall call, Descriptor source, Descriptor target) {
    return call == Syscall.SENDFILE
        ? frame.call(call, target.number(), source.number(), 0, CHUNK_BYTES)
        : frame.call(call, source.number(), 0, target.number(), 0, CHUNK_BYTES, 0);
  }

  private static boolean fallsBack(int errno) {
    return switch (errno) {
      case Errno.EXDEV, Errno.EINVAL, Errno.ENOSYS, Errno.ENOTSUP, Errno.EPERM -> true;
      default -> false;
    };
  }
}
