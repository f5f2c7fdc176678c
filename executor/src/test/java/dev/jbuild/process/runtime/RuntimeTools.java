package dev.jbuild.process.runtime;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jbuild.linux.libc.LibcKernel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Says why a test that needs root and tools is skipped. */
public final class RuntimeTools {
  private static final List<String> PLACES = List.of("/usr/bin", "/usr/sbin", "/bin", "/sbin");

  private RuntimeTools() {}

  /** Skips the test unless it runs as root, with busybox and the named commands. */
  public static void assume(String... commands) {
    assumeTrue(new LibcKernel().effectiveUserId() == 0, "skipped: steps run only as root");
    assumeTrue(BusyboxRoot.available(), "skipped: no /bin/busybox (package busybox-static)");
    for (String command : commands) {
      assumeTrue(
          PLACES.stream().anyMatch(place -> Files.isExecutable(Path.of(place, command))),
          "skipped: " + command + " is not installed");
    }
  }
}
