package dev.jbuild.linux;

/** Error numbers of Linux on x86-64 and arm64. Source: errno(3). */
public final class Errno {
  public static final int EPERM = 1;
  public static final int ENOENT = 2;
  public static final int EACCES = 13;
  public static final int EBUSY = 16;
  public static final int EEXIST = 17;
  public static final int EINVAL = 22;
  public static final int ENOSPC = 28;
  public static final int ENODATA = 61;
  public static final int ENOTSUP = 95;

  private Errno() {}

  /** Name and meaning, {@code ENOENT (no such file or directory)}. */
  public static String text(int errno) {
    return switch (errno) {
      case EPERM -> "EPERM (operation not permitted)";
      case ENOENT -> "ENOENT (no such file or directory)";
      case EACCES -> "EACCES (permission denied)";
      case EBUSY -> "EBUSY (device or resource busy)";
      case EEXIST -> "EEXIST (file exists)";
      case EINVAL -> "EINVAL (invalid argument)";
      case ENOSPC -> "ENOSPC (no space left on device)";
      case ENODATA -> "ENODATA (no data available)";
      case ENOTSUP -> "ENOTSUP (operation not supported)";
      default -> "errno " + errno;
    };
  }
}
