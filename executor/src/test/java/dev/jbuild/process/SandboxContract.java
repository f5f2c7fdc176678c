package dev.jbuild.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jbuild.error.BuildException;
import dev.jbuild.linux.libc.LibcKernel;
import dev.jbuild.llb.NetMode;
import dev.jbuild.llb.OpMetadata.LinuxResources;
import dev.jbuild.mount.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a step may see, reach and do. Needs root, busybox and overlayfs. */
@Tag("root")
@Timeout(120)
public abstract class SandboxContract extends RunnerFixture {
  private static final int RLIMIT_NOFILE = 7;
  private static final int SYS_RESOURCE = 24;

  /** The 14 of the field: bits of linux/capability.h. */
  private static final String FOURTEEN = "00000000a80425fb";

  private String status(String name, StepRequests request) throws Exception {
    for (String line : out(request).lines().toList()) {
      if (line.startsWith(name + ":")) {
        return line.substring(name.length() + 1).strip();
      }
    }
    return "";
  }

  @Test
  void capabilitiesAreExactlyTheFourteen() throws Exception {
    for (String set : List.of("CapBnd", "CapEff", "CapPrm")) {
      assertEquals(FOURTEEN, status(set, StepRequests.command("cat", "/proc/self/status")));
    }
    for (String set : List.of("CapInh", "CapAmb")) {
      assertEquals(
          "0000000000000000", status(set, StepRequests.command("cat", "/proc/self/status")));
    }
  }

  @Test
  void ordinaryUserHasNoCapabilityInForceAndMayGainThoseOfAFile() throws Exception {
    var status = StepRequests.command("cat", "/proc/self/status").user("ann");
    assertEquals("0000000000000000", status("CapEff", status));
    var again = StepRequests.command("cat", "/proc/self/status").user("ann");
    assertEquals("0", status("NoNewPrivs", again));
  }

  @Test
  void filterDeniesWhatTheFieldDenies() throws Exception {
    assertEquals("2", status("Seccomp", StepRequests.command("cat", "/proc/self/status")));
    for (String denied :
        List.of("mount -t tmpfs none /tmp", "unshare -U true", "unshare -n true")) {
      var request = StepRequests.shell(denied);
      assertNotEquals(0, run(request), denied);
      String said = request.output().err();
      assertTrue(said.contains("not permitted") || said.contains("permission denied"), said);
    }
  }

  @Test
  void filterLetsOrdinaryWorkPass() throws Exception {
    assertEquals(
        "ok\n",
        out(
            StepRequests.shell(
                "mkdir -p /r/bin && ln /bin/busybox /r/bin/true"
                    + " && chroot /r /bin/true && touch /x && kill -0 $$ && echo ok")));
  }

  @Test
  void hostsStateIsMaskedAndKernelSettingsAreReadOnly() throws Exception {
    for (String file : List.of("/proc/keys", "/proc/timer_list", "/proc/interrupts")) {
      if (Files.exists(Path.of(file))) {
        assertEquals("", out(StepRequests.command("cat", file)), file);
      }
    }
    assertEquals("", out(StepRequests.command("ls", "/sys/firmware")));
    for (String file : List.of("/proc/sys/kernel/core_pattern", "/sys/kernel/uevent_seqnum")) {
      var request = StepRequests.shell("echo x > " + file);
      assertNotEquals(0, run(request), file);
      assertTrue(request.output().err().contains("Read-only file system"), request.output().err());
    }
  }

  @Test
  void devicesAreTheFewThatEveryProgramExpects() throws Exception {
    assertEquals(
        "fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero",
        String.join(
            " ",
            out(StepRequests.command("ls", "/dev"))
                .replaceAll("(console|core)\n", "")
                .split("\n")));
    assertTrue(out(StepRequests.command("cat", "/proc/mounts")).contains("shm /dev/shm tmpfs"));
  }

  @Test
  void devicesOfTheHostCannotBeOpened() throws Exception {
    assumeTrue(
        Files.exists(Path.of("/dev/loop-control")), "skipped: this machine has no loop devices");
    String open = "mknod %1$s c 10 237; (true < %1$s) 2>/dev/null && echo open;";
    assertEquals("open\n", out(StepRequests.shell(open.formatted("/d") + "true").insecure()));
    assertEquals(
        "", out(StepRequests.shell(open.formatted("/d") + open.formatted("/dev/d") + "true")));
  }

  @Test
  void insecureStepMayDoWhatTheDaemonMay() throws Exception {
    long own = new LibcKernel().effectiveCapabilities();
    String want = String.format("%016x", own);
    assertEquals(
        want, status("CapEff", StepRequests.command("cat", "/proc/self/status").insecure()));
    assertEquals(
        "0", status("Seccomp", StepRequests.command("cat", "/proc/self/status").insecure()));
    assertEquals(
        "mounted\n",
        out(StepRequests.shell("mount -t tmpfs none /tmp && echo mounted").insecure()));
    assumeTrue(Files.exists(Path.of("/dev/kmsg")), "skipped: this machine has no /dev/kmsg");
    assertEquals("/dev/kmsg\n", out(StepRequests.command("ls", "/dev/kmsg").insecure()));
  }

  @Test
  void hardLimitsAreCutToWhatThisProcessMaySet() throws Exception {
    var kernel = new LibcKernel();
    long most = kernel.limit(RLIMIT_NOFILE).hard();
    assertEquals("1000\n", out(StepRequests.shell("ulimit -Hn").ulimit("nofile", 500, 1000)));
    assertEquals("500\n", out(StepRequests.shell("ulimit -Sn").ulimit("nofile", 500, 1000)));
    boolean mayRaise = (kernel.effectiveCapabilities() >>> SYS_RESOURCE & 1) != 0;
    assumeTrue(!mayRaise && most < 1_000_000, "skipped: this process may raise its limits");
    var request = StepRequests.shell("ulimit -Hn; ulimit -Sn").ulimit("nofile", -1, -1);
    assertEquals(most + "\n" + most + "\n", out(request));
  }

  @Test
  void unknownLimitIsRefused() {
    var failure =
        assertThrows(
            BuildException.class, () -> run(StepRequests.shell("true").ulimit("files", 1, 1)));
    assertEquals(
        "ulimit: unknown name 'files', want one of cpu, fsize, data, stack, core, rss, nproc,"
            + " nofile, memlock, as, locks, sigpending, msgqueue, nice, rtprio, rttime",
        failure.message());
  }

  @Test
  void limitsOfMemoryApply() throws Exception {
    assumeTrue(
        Files.isDirectory(Path.of("/sys/fs/cgroup/memory")), "skipped: no memory hierarchy (v1)");
    var limits = new LinuxResources(64 << 20, 0, 0, 0, 0, "", "");
    var request = StepRequests.command("cat", "/sys/fs/cgroup/memory/memory.limit_in_bytes");
    assertEquals("67108864\n", out(request.resources(limits)));
  }

  @Test
  void processesAreNumberedFromOne() throws Exception {
    assertEquals("1\n", out(StepRequests.shell("echo $$")));
  }

  // Names and networks.

  @Test
  void hostNameIsTheFieldsOrTheGivenOne() throws Exception {
    try (var network = NetworkNamespace.make()) {
      assertEquals(
          "buildkitsandbox\n", out(StepRequests.command("hostname").network(network.none())));
      assertEquals(
          "mine\n", out(StepRequests.command("hostname").network(network.none()).hostname("mine")));
    }
    assertEquals(
        Files.readString(Path.of("/proc/sys/kernel/hostname")),
        out(StepRequests.command("hostname")));
  }

  @Test
  @DisplayName("S25 names in host mode are the host's")
  void namesInHostModeAreTheHosts() throws Exception {
    String hosts = Files.readString(Path.of("/etc/hosts"));
    String own = out(StepRequests.command("cat", "/etc/hosts").host("extra", "10.1.2.3"));
    assertEquals(
        hosts.endsWith("\n") || hosts.isEmpty() ? hosts : hosts + "\n",
        own.replace("10.1.2.3\textra\n", ""));
    assertTrue(own.endsWith("10.1.2.3\textra\n"), own);
    assertEquals(
        Files.readString(Path.of("/etc/resolv.conf")),
        out(StepRequests.command("cat", "/etc/resolv.conf")));
  }

  @Test
  void namesInAnIsolatedNetworkAreItsOwn() throws Exception {
    try (var network = NetworkNamespace.make()) {
      var handle =
          new StepRequests.Network(
              NetMode.SANDBOX, network.path(), "nameserver 10.9.0.1\n", List.of("10.9.0.2"));
      var request = StepRequests.shell("cat /etc/hosts /etc/resolv.conf").network(handle);
      assertEquals(
          """
          127.0.0.1\tlocalhost
          ::1\tlocalhost ip6-localhost ip6-loopback
          10.9.0.2\tbuildkitsandbox
          10.0.0.7\tdb
          nameserver 10.9.0.1
          """,
          out(request.host("db", "10.0.0.7")));
    }
  }

  @Test
  void nameFilesCannotBeWritten() throws Exception {
    var request = StepRequests.shell("echo x >> /etc/hosts || echo x > /etc/resolv.conf");
    assertNotEquals(0, run(request));
    assertTrue(request.output().err().contains("Read-only file system"), request.output().err());
  }

  @Test
  @DisplayName("S14 interfaces in host mode are the host's")
  void interfacesInHostModeAreTheHosts() throws Exception {
    assertEquals(
        interfaces(Files.readString(Path.of("/proc/net/dev"))),
        interfaces(out(StepRequests.command("cat", "/proc/net/dev"))));
  }

  @Test
  @DisplayName("S37 nothing but lo without a network")
  void onlyLoopbackWithoutNetwork() throws Exception {
    try (var network = NetworkNamespace.make()) {
      var request = StepRequests.command("cat", "/proc/net/dev").network(network.none());
      assertEquals(List.of("lo"), interfaces(out(request)));
      assertEquals(
          "lo\n", out(StepRequests.command("ls", "/sys/class/net").network(network.none())));
      assertEquals(
          "0\t2147483647\n",
          out(
              StepRequests.command("cat", "/proc/sys/net/ipv4/ping_group_range")
                  .network(network.none())));
    }
  }

  @Test
  void isolatedModeWithoutNamespaceIsABugAndRunsNothing() {
    var handle = new StepRequests.Network(NetMode.SANDBOX, null, null, List.of());
    var request = StepRequests.command("true").network(handle);
    assertThrows(IllegalStateException.class, () -> run(request));
  }

  private static List<String> interfaces(String text) {
    var names = new ArrayList<String>();
    for (String line : text.lines().toList()) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        names.add(line.substring(0, colon).strip());
      }
    }
    names.sort(null);
    return names;
  }

  @Test
  void scratchRootStaysClean() throws Exception {
    var layer = Files.createDirectories(directory().resolve("scratch/bin"));
    Files.copy(root().layer().resolve("bin/busybox"), layer.resolve("true"));
    var top = Files.createDirectories(directory().resolve("upper"));
    var work = Files.createDirectories(directory().resolve("work"));
    var mount =
        new Mount(
            "overlay",
            "overlay",
            List.of("lowerdir=" + layer.getParent(), "upperdir=" + top, "workdir=" + work));
    assertEquals(0, runner().run(StepRequests.command("/bin/true").on(mount)));
    assertEquals(0, top.toFile().list().length);
  }

  @Test
  void rootThatIsABindStaysCleanToo() throws Exception {
    var mount = Mount.bind(root().layer().toString(), false);
    assertEquals(0, runner().run(StepRequests.command("true").on(mount)));
    String[] names = root().layer().toFile().list();
    Arrays.sort(names);
    assertEquals("[bin, etc, home, tmp]", Arrays.toString(names));
    assertFalse(Files.exists(root().layer().resolve("etc/hosts"), LinkOption.NOFOLLOW_LINKS));
  }

  /** A network namespace that the test made. */
  private record NetworkNamespace(String name) implements AutoCloseable {
    static NetworkNamespace make() throws IOException, InterruptedException {
      assumeTrue(Files.isExecutable(Path.of("/usr/sbin/ip")), "skipped: ip is not installed");
      var network = new NetworkNamespace("jbuild-test-" + ProcessHandle.current().pid());
      ip("netns", "add", network.name);
      return network;
    }

    String path() {
      return "/run/netns/" + name;
    }

    StepRequests.Network none() {
      return new StepRequests.Network(NetMode.NONE, path(), "", List.of());
    }

    private static void ip(String... arguments) throws IOException, InterruptedException {
      var command = new ArrayList<>(List.of("/usr/sbin/ip"));
      command.addAll(List.of(arguments));
      var process = new ProcessBuilder(command).inheritIO().start();
      assertTrue(process.waitFor(30, TimeUnit.SECONDS));
      assertEquals(0, process.exitValue());
    }

    @Override
    public void close() throws IOException {
      try {
        ip("netns", "delete", name);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
