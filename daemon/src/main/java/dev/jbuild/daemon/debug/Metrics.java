package dev.jbuild.daemon.debug;

import dev.jbuild.daemon.build.BuildCounts;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Figures of the daemon. Source: Prometheus text exposition format 0.0.4. */
public final class Metrics {
  static final String TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private static final int PAGE_BYTES = 4096;

  private final BuildCounts counts;
  private final String version;

  public Metrics(BuildCounts counts, String version) {
    this.counts = counts;
    this.version = version;
  }

  /** All of them. */
  String text() {
    BuildCounts.Snapshot now = counts.now();
    var text = new StringBuilder();
    head(text, "jbuild_info", "gauge", "The version of the daemon.");
    text.append("jbuild_info{version=\"").append(version).append("\"} 1\n");
    head(text, "jbuild_uptime_seconds", "gauge", "Time since the process began.");
    line(text, "jbuild_uptime_seconds", uptimeSeconds());
    head(text, "jbuild_builds_running", "gauge", "Builds that run.");
    line(text, "jbuild_builds_running", now.running());
    head(text, "jbuild_builds_total", "counter", "Builds that ended, by result.");
    line(text, "jbuild_builds_total{result=\"succeeded\"}", now.succeeded());
    line(text, "jbuild_builds_total{result=\"failed\"}", now.failed());
    line(text, "jbuild_builds_total{result=\"cancelled\"}", now.cancelled());
    head(text, "jbuild_steps_total", "counter", "Steps of builds that ended, by result.");
    line(text, "jbuild_steps_total{result=\"run\"}", now.stepsRun());
    line(text, "jbuild_steps_total{result=\"cached\"}", now.stepsCached());
    line(text, "jbuild_steps_total{result=\"failed\"}", now.stepsFailed());
    var heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
    head(text, "jvm_memory_used_bytes", "gauge", "Memory of the virtual machine.");
    line(text, "jvm_memory_used_bytes{area=\"heap\"}", heap.getUsed());
    head(text, "jvm_memory_committed_bytes", "gauge", "Memory that it has from the kernel.");
    line(text, "jvm_memory_committed_bytes{area=\"heap\"}", heap.getCommitted());
    head(text, "jvm_memory_max_bytes", "gauge", "Memory that it takes at most.");
    line(text, "jvm_memory_max_bytes{area=\"heap\"}", heap.getMax());
    head(text, "jvm_threads_current", "gauge", "Threads of the kernel that it has.");
    line(text, "jvm_threads_current", ManagementFactory.getThreadMXBean().getThreadCount());
    resident(text);
    return text.toString();
  }

  private static void resident(StringBuilder text) {
    try {
      String pages = Files.readString(Path.of("/proc/self/statm")).split(" ", -1)[1];
      head(text, "process_resident_memory_bytes", "gauge", "Memory of the process.");
      line(text, "process_resident_memory_bytes", Long.parseLong(pages) * PAGE_BYTES);
    } catch (IOException | NumberFormatException e) {
      // A figure less.
    }
  }

  static double uptimeSeconds() {
    return ManagementFactory.getRuntimeMXBean().getUptime() / 1000.0;
  }

  private static void head(StringBuilder text, String name, String type, String help) {
    text.append("# HELP ").append(name).append(' ').append(help).append('\n');
    text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
  }

  private static void line(StringBuilder text, String name, long value) {
    text.append(name).append(' ').append(value).append('\n');
  }

  private static void line(StringBuilder text, String name, double value) {
    text.append(name).append(' ').append(String.format(Locale.ROOT, "%.3f", value)).append('\n');
  }
}
