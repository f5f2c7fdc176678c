package dev.jbuild.process.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jbuild.process.runtime.CgroupHost.Layout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Steps under every way to mount control groups, each in a mount namespace of its own. */
@Tag("root")
@Timeout(180)
class CgroupLayoutRootTest {
  private static final String MEMORY = "67108864";

  @TempDir private Path directory;

  @BeforeEach
  void needRoot() {
    RuntimeTools.assume("unshare");
  }

  private static List<String> with(String preparation) {
    return List.of(
        "unshare",
        "--mount",
        "--propagation",
        "private",
        "sh",
        "-c",
        preparation + " && exec \"$@\"",
        "probe");
  }

  private static void needHybrid() throws Exception {
    assumeTrue(
        CgroupHost.detect().layout() == Layout.HYBRID,
        "skipped: needs a host with both versions of control groups mounted");
  }

  @ParameterizedTest
  @ValueSource(strings = {"CRUN", "RUNC"})
  void version1Only(String kind) throws Exception {
    needHybrid();
    RuntimeTools.assume(kind.toLowerCase(Locale.ROOT));
    String got =
        StepProbe.run(
            with("umount /sys/fs/cgroup/unified"),
            directory,
            kind,
            MEMORY,
            "cat /sys/fs/cgroup/memory/memory.limit_in_bytes; grep -c jbuild /proc/self/cgroup");
    assertEquals("67108864\n", got.substring(0, got.indexOf('\n') + 1));
    assertEquals("code=0\n", got.substring(got.lastIndexOf("code=")));
    assertEquals(List.of(), Leftovers.of(directory.resolve("state/run")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"CRUN", "RUNC"})
  void version2Only(String kind) throws Exception {
    RuntimeTools.assume(kind.toLowerCase(Locale.ROOT));
    String got =
        StepProbe.run(
            with("umount -R /sys/fs/cgroup && mount -t cgroup2 cgroup2 /sys/fs/cgroup"),
            directory,
            kind,
            "0",
            "cat /proc/self/cgroup | grep 0::; test -e /sys/fs/cgroup/cgroup.procs && echo own;"
                + " mknod /d c 10 237 2>/dev/null; (true < /d) 2>/dev/null && echo open; true");
    assertEquals("0::/\nown\ncode=0\n", got);
    assertEquals(List.of(), Leftovers.of(directory.resolve("state/run")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"CRUN", "RUNC"})
  void readOnlyGroupsLeaveNoDeviceNodesToMake(String kind) throws Exception {
    needHybrid();
    RuntimeTools.assume(kind.toLowerCase(Locale.ROOT));
    String readOnly =
        "umount /sys/fs/cgroup/unified && for m in /sys/fs/cgroup /sys/fs/cgroup/*; do"
            + " mount -o remount,ro,bind $m 2>/dev/null || true; done";
    String script = "grep CapEff /proc/self/status; mknod /d b 254 0 2>/dev/null; echo $?";
    assertEquals(
        "CapEff:\t00000000a00425fb\n1\ncode=0\n",
        StepProbe.run(with(readOnly), directory, kind, "0", script));
    assertEquals(
        "failure=resource limits: the step asks for memory or cpu limits, but jbuild cannot make"
            + " control groups below /sys/fs/cgroup here: mount them writable, or drop the"
            + " limits\n",
        StepProbe.run(
            with(readOnly),
            Files.createDirectory(directory.resolve("second")),
            kind,
            MEMORY,
            "true"));
  }
}
