package dev.jbuild.daemon.debug;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the debug address answers. */
final class DebugPages {
  private static final String PLAIN = "text/plain; charset=utf-8";
  private static final int OK = 200;
  private static final int NOT_FOUND = 404;
  private static final int FAILED = 500;

  private final Metrics metrics;

  DebugPages(Metrics metrics) {
    this.metrics = metrics;
  }

  /**
   * An answer.
   *
   * @param status of HTTP
   */
  record Page(int status, String type, String text) {}

  /** The page of a path. */
  Page of(String path) {
    return switch (path) {
      case "/health", "/healthz", "/livez", "/readyz" -> new Page(OK, PLAIN, "ok\n");
      case "/metrics" -> new Page(OK, Metrics.TYPE, metrics.text());
      case "/debug/threads" -> threads();
      case "/debug/gc" -> collected();
      case "/", "/debug", "/debug/" ->
          new Page(OK, PLAIN, "/healthz\n/metrics\n/debug/threads\n/debug/gc\n");
      default ->
          new Page(
              NOT_FOUND,
              PLAIN,
              path.startsWith("/debug/pprof")
                  ? "jbuild is no Go program: see /debug/threads and /metrics\n"
                  : "there is no such page, see /\n");
    };
  }

  /** With the virtual threads, which stack traces of all threads leave out. */
  private static Page threads() {
    try {
      Path directory = Files.createTempDirectory("jbuild-threads");
      Path file = directory.resolve("dump");
      try {
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
            .dumpThreads(file.toString(), HotSpotDiagnosticMXBean.ThreadDumpFormat.TEXT_PLAIN);
        return new Page(OK, PLAIN, Files.readString(file));
      } finally {
        Files.deleteIfExists(file);
        Files.deleteIfExists(directory);
      }
    } catch (IOException e) {
      return new Page(FAILED, PLAIN, "threads can not be listed: " + e + "\n");
    }
  }

  private static Page collected() {
    long before = used();
    ManagementFactory.getMemoryMXBean().gc();
    return new Page(OK, PLAIN, "heap: " + before + " bytes, now " + used() + "\n");
  }

  private static long used() {
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
