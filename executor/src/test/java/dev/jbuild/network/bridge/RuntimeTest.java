package dev.jbuild.network.bridge;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jbuild.netplan.NetworkPlan;
import dev.jbuild.network.HostNetwork;
import dev.jbuild.network.NetworkHandle;
import dev.jbuild.network.NetworkRequest;
import dev.jbuild.network.NoNetwork;
import dev.jbuild.network.TestHost;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The real OCI runtimes take the path that a handle gives. */
@Tag("root")
final class RuntimeTest {
  @TempDir private Path dir;

  @ParameterizedTest
  @ValueSource(strings = {"crun", "runc"})
  @DisplayName("S6 S14 S15 S35 S38 a runtime shows each mode's interfaces")
  void runtimeJoinsTheNetwork(String runtime) throws Exception {
    TestHost.assumeProgram(runtime);
    try (var host = new TestHost();
        var bridge =
            new BridgeNetwork(
                new BridgeConfig(
                    dir.resolve("root"),
                    dir.resolve("run"),
                    "nft",
                    Addresses.usual().within(Subnet.parse("10.89.0.0/16")),
                    Links.USUAL,
                    Isolation.USUAL),
                host.thread(),
                task -> Thread.ofVirtual().start(task),
                TestNames.of(host, dir))) {
      var request = new NetworkRequest("one", NetworkPlan.NONE);
      try (var isolated = bridge.open(request);
          var none = new NoNetwork(host.thread()).open(request);
          var shared = new HostNetwork().open(request)) {
        assertEquals("lo eth0@ifN", interfaces(runtime, "a", isolated));
        assertEquals("lo", interfaces(runtime, "b", none));
        assertEquals(
            tidy(TestHost.exec("busybox", "ip", "-o", "link")), interfaces(runtime, "c", shared));
      }
    }
  }

  private String interfaces(String runtime, String id, NetworkHandle handle) throws Exception {
    var bundle = dir.resolve(id);
    var bin = Files.createDirectories(bundle.resolve("rootfs/bin"));
    Files.createDirectories(bundle.resolve("rootfs/dev"));
    Files.createDirectories(bundle.resolve("rootfs/proc"));
    Files.copy(Path.of("/bin/busybox"), bin.resolve("busybox"));
    String path = handle.namespacePath();
    String network = path == null ? "" : ",{\"type\":\"network\",\"path\":\"%s\"}".formatted(path);
    Files.writeString(
        bundle.resolve("config.json"),
        """
        {"ociVersion":"1.0.2","process":{"cwd":"/","user":{"uid":0,"gid":0},
        "args":["/bin/busybox","ip","-o","link"],"env":["PATH=/bin"]},
        "root":{"path":"rootfs"},"mounts":[{"destination":"/proc","type":"proc","source":"proc"},
        {"destination":"/dev","type":"tmpfs","source":"tmpfs"}],
        "linux":{"namespaces":[{"type":"mount"},{"type":"pid"}%s]}}
        """
            .formatted(network));
    // crun refuses the side-by-side mount of both kinds of cgroups.
    String said =
        TestHost.exec(
            "unshare",
            "--mount",
            "sh",
            "-c",
            "umount /sys/fs/cgroup/unified 2>/dev/null; exec %s %s --root %s run -b %s jbt%s"
                .formatted(
                    runtime,
                    runtime.equals("crun") ? "--cgroup-manager=disabled" : "",
                    dir.resolve("state-" + id),
                    bundle,
                    id + ProcessHandle.current().pid()));
    return tidy(said);
  }

  /** Names alone. */
  private static String tidy(String listed) {
    return String.join(
        " ",
        listed
            .lines()
            .filter(line -> line.matches("\\d+: .*"))
            .map(line -> line.split(": ", -1)[1].replaceAll("@if\\d+", "@ifN"))
            .toList());
  }
}
