package dev.jbuild.process.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jbuild.network.TestHost;
import dev.jbuild.process.runtime.CgroupHost.Layout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real runtimes run steps in the group that is watched, whatever control groups are mounted. */
@Tag("root")
@Timeout(180)
class WatchedStepRootTest {
  private static final String HYBRID = "true";
  private static final String VERSION_1 = "umount /sys/fs/cgroup/unified";
  private static final String VERSION_2 =
      "umount -R /sys/fs/cgroup && mount -t cgroup2 cgroup2 /sys/fs/cgroup";
  private static final String READ_ONLY_2 =
      VERSION_2 + " && mount -o remount,ro,bind /sys/fs/cgroup";

  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({
    "CRUN, hybrid",
    "RUNC, hybrid",
    "CRUN, 1",
    "RUNC, 1",
    "CRUN, 2",
    "RUNC, 2",
    "CRUN, read-only 2"
  })
  void everyProcessOfTheStepIsSeen(String kind, String layout) throws Exception {
    RuntimeTools.assume("unshare", kind.toLowerCase(Locale.ROOT));
    String preparation =
        switch (layout) {
          case "hybrid" -> HYBRID;
          case "1" -> VERSION_1;
          case "2" -> VERSION_2;
          default -> READ_ONLY_2;
        };
    Assumptions.assumeTrue(
        layout.contains("2") || CgroupHost.detect().layout() == Layout.HYBRID,
        "skipped: needs a host with both versions of control groups mounted");
    String got =
        StepProbe.run(
            MeterProbe.class,
            List.of(
                "unshare",
                "--mount",
                "--propagation",
                "private",
                "sh",
                "-c",
                preparation + " && exec \"$@\"",
                "probe"),
            directory,
            kind,
            "NONE",
            "true",
            "NONE",
            "busybox nc 127.0.0.1 9 2>/dev/null & wait $!",
            "NONE",
            "busybox nc 198.51.100.7 9 2>/dev/null",
            "HOST",
            "busybox nc 127.0.0.1 1 2>/dev/null",
            "HOST",
            "true");
    assertEquals(
        """
        code=0 quiet=true
        code=1 quiet=true TCP 127.0.0.1:9 REFUSED
        code=1 quiet=false TCP 198.51.100.7:9 SILENT
        code=1 quiet=false TCP 127.0.0.1:1 REFUSED
        code=0 quiet=true
        """,
        got,
        this::log);
    assertEquals(List.of(), Leftovers.of(directory.resolve("state/run")));
    String group = "jbuild_" + OciProcessRunner.tag(directory.resolve("state"));
    assertEquals("", TestHost.exec("find", "/sys/fs/cgroup", "-name", group));
  }

  private String log() {
    try {
      return Files.readString(directory.resolve("probe.log"));
    } catch (IOException e) {
      return "no log: " + e.getMessage();
    }
  }
}
