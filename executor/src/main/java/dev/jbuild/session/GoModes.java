package dev.jbuild.session;

/**
 * File modes as packets have them, Go's {@code os.FileMode}, and as Linux has them, {@code
 * st_mode}. Source: reference wire-session, section 5; inode(7).
 */
public final class GoModes {
  private static final int PERMISSIONS = 0777;

  private static final int GO_DIRECTORY = 1 << 31;
  private static final int GO_LINK = 1 << 27;
  private static final int GO_DEVICE = 1 << 26;
  private static final int GO_PIPE = 1 << 25;
  private static final int GO_SOCKET = 1 << 24;
  private static final int GO_SETUID = 1 << 23;
  private static final int GO_SETGID = 1 << 22;
  private static final int GO_CHARACTER = 1 << 21;
  private static final int GO_STICKY = 1 << 20;
  private static final int GO_IRREGULAR = 1 << 19;

  private static final int TYPE = 0170000;
  private static final int SOCKET = 0140000;
  private static final int LINK = 0120000;
  private static final int REGULAR = 0100000;
  private static final int BLOCK = 0060000;
  private static final int DIRECTORY = 0040000;
  private static final int CHARACTER = 0020000;
  private static final int PIPE = 0010000;
  private static final int SETUID = 04000;
  private static final int SETGID = 02000;
  private static final int STICKY = 01000;

  private GoModes() {}

  /** Whether this is one of the types that Linux has. */
  public static boolean isKnown(int goMode) {
    int types = goMode & (GO_DIRECTORY | GO_LINK | GO_DEVICE | GO_PIPE | GO_SOCKET);
    boolean character = (goMode & GO_CHARACTER) != 0;
    return Integer.bitCount(types) <= 1
        && (!character || types == GO_DEVICE)
        && (goMode & GO_IRREGULAR) == 0;
  }

  /** Whether it is a file with content. */
  public static boolean isRegular(int goMode) {
    return type(goMode) == REGULAR;
  }

  private static int type(int goMode) {
    if ((goMode & GO_DIRECTORY) != 0) {
      return DIRECTORY;
    }
    if ((goMode & GO_LINK) != 0) {
      return LINK;
    }
    if ((goMode & GO_DEVICE) != 0) {
      return (goMode & GO_CHARACTER) != 0 ? CHARACTER : BLOCK;
    }
    if ((goMode & GO_PIPE) != 0) {
      return PIPE;
    }
    return (goMode & GO_SOCKET) != 0 ? SOCKET : REGULAR;
  }

  /** What {@code st_mode} says of the same file. */
  public static int toStat(int goMode) {
    return type(goMode)
        | (goMode & PERMISSIONS)
        | ((goMode & GO_SETUID) != 0 ? SETUID : 0)
        | ((goMode & GO_SETGID) != 0 ? SETGID : 0)
        | ((goMode & GO_STICKY) != 0 ? STICKY : 0);
  }

  /** What a packet says of the same file. */
  public static int ofStat(int mode) {
    int goType =
        switch (mode & TYPE) {
          case DIRECTORY -> GO_DIRECTORY;
          case LINK -> GO_LINK;
          case BLOCK -> GO_DEVICE;
          case CHARACTER -> GO_DEVICE | GO_CHARACTER;
          case PIPE -> GO_PIPE;
          case SOCKET -> GO_SOCKET;
          default -> 0;
        };
    return goType
        | (mode & PERMISSIONS)
        | ((mode & SETUID) != 0 ? GO_SETUID : 0)
        | ((mode & SETGID) != 0 ? GO_SETGID : 0)
        | ((mode & STICKY) != 0 ? GO_STICKY : 0);
  }
}
