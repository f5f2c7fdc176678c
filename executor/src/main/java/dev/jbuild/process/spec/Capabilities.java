package dev.jbuild.process.spec;

import java.util.ArrayList;
import java.util.List;

/** Capabilities by name. Source: linux/capability.h, capabilities(7). */
public final class Capabilities {

  /** The set that the field's builders give a process: moby's and containerd's default. */
  public static final List<String> DEFAULT =
      List.of(
          "CAP_CHOWN",
          "CAP_DAC_OVERRIDE",
          "CAP_FSETID",
          "CAP_FOWNER",
          "CAP_MKNOD",
          "CAP_NET_RAW",
          "CAP_SETGID",
          "CAP_SETUID",
          "CAP_SETFCAP",
          "CAP_SETPCAP",
          "CAP_NET_BIND_SERVICE",
          "CAP_SYS_CHROOT",
          "CAP_KILL",
          "CAP_AUDIT_WRITE");

  /** Bit of {@code CAP_SYS_RESOURCE}. */
  public static final int SYS_RESOURCE = 24;

  private static final String[] NAMES =
      """
      CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE
      NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO
      SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME
      SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG
      WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE
      """
          .strip()
          .split("\\s+");

  private Capabilities() {}

  /** Names of the bits that are set and known here, lowest bit first. */
  public static List<String> named(long mask) {
    var names = new ArrayList<String>();
    for (int bit = 0; bit < NAMES.length; bit++) {
      if ((mask >>> bit & 1) != 0) {
        names.add("CAP_" + NAMES[bit]);
      }
    }
    return List.copyOf(names);
  }

  /** Whether a bit is set. */
  public static boolean has(long mask, int bit) {
    return (mask >>> bit & 1) != 0;
  }
}
