package dev.jbuild.process.spec;

import java.util.List;

/** Paths of {@code /proc} and {@code /sys} kept from steps, as moby and containerd do. */
public final class ProtectedPaths {

  /** Hidden: they show the host's state or reach its devices. */
  public static final List<String> MASKED =
      List.of(
          "/proc/acpi",
          "/proc/asound",
          "/proc/interrupts",
          "/proc/kcore",
          "/proc/keys",
          "/proc/latency_stats",
          "/proc/timer_list",
          "/proc/timer_stats",
          "/proc/sched_debug",
          "/proc/scsi",
          "/sys/firmware",
          "/sys/devices/virtual/powercap");

  /** Shown, but not to be written. */
  public static final List<String> READONLY =
      List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

  private ProtectedPaths() {}
}
