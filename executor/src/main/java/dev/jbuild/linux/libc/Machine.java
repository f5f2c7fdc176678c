package dev.jbuild.linux.libc;

import java.util.Locale;

/** Constants that differ between the two machines we run on. Source: fcntl.h of each. */
final class Machine {
  static final boolean ARM64 =
      switch (System.getProperty("os.arch", "").toLowerCase(Locale.ROOT)) {
        case "amd64", "x86_64" -> false;
        case "aarch64", "arm64" -> true;
        default ->
            throw new IllegalStateException(
                "os.arch: want amd64 or aarch64, got '" + System.getProperty("os.arch") + "'");
      };

  static final int O_RDONLY = 0;
  static final int O_WRONLY = 1;
  static final int O_CREAT = 0100;
  static final int O_EXCL = 0200;
  static final int O_NONBLOCK = 04000;
  static final int O_CLOEXEC = 02000000;
  static final int O_PATH = 010000000;
  static final int O_NOFOLLOW = ARM64 ? 0100000 : 0400000;

  static final int AT_FDCWD = -100;
  static final int AT_SYMLINK_NOFOLLOW = 0x100;
  static final int AT_NO_AUTOMOUNT = 0x800;

  private Machine() {}
}
