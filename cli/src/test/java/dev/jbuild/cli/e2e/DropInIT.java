package dev.jbuild.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The launchers by the names of buildkitd and buildctl, as scripts and test harnesses of the field
 * start them.
 */
@Tag("root")
@Timeout(600)
class DropInIT {
  private static final Duration COMMAND = Duration.ofMinutes(1);

  /** The promise is 1.5 s on a machine that does nothing else; here others may build. */
  private static final Duration START = Duration.ofSeconds(15);

  private static final Duration STOP = Duration.ofSeconds(10);

  @TempDir Path work;

  private Path called(String name, String launcher) throws IOException {
    return Files.createSymbolicLink(work.resolve(name), home().resolve(launcher));
  }

  /** Launchers with the jars that they start, as after a build, and without ahead-of-time cache. */
  private Path home() throws IOException {
    Path home = work.resolve("home");
    Path target = home.resolve("cli/target");
    if (Files.exists(home)) {
      return home;
    }
    Path launcher = Files.createDirectories(home.resolve("cli/src/launcher"));
    Path lib = Files.createDirectories(target.resolve("lib"));
    for (String name : List.of("jbuild", "jbuildd")) {
      Files.copy(top().resolve(name), home.resolve(name), StandardCopyOption.COPY_ATTRIBUTES);
    }
    try (var files = Files.list(top().resolve("cli/src/launcher"))) {
      for (Path file : files.toList()) {
        Files.copy(file, launcher.resolve(file.getFileName()));
      }
    }
    String path =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    for (String entry : path.split(":", -1)) {
      Path from = Path.of(entry);
      if (Files.isDirectory(from) && from.endsWith("target/classes")) {
        String module = String.valueOf(from.resolve("../..").normalize().getFileName());
        jar(from, (module.equals("cli") ? target : lib).resolve("jbuild-" + module + "-0.jar"));
      } else if (entry.endsWith(".jar")) {
        Path to = (entry.contains("jbuild-cli-") ? target : lib).resolve(from.getFileName());
        Files.createSymbolicLink(to, from);
      }
    }
    Files.createFile(target.resolve("built"));
    Files.createFile(target.resolve("jbuild.aot"));
    return home;
  }

  private static void jar(Path classes, Path to) {
    int code =
        ToolProvider.findFirst("jar")
            .orElseThrow()
            .run(System.err, System.err, "-c", "-f", "" + to, "-0", "-C", "" + classes, ".");
    assertEquals(0, code);
  }

  /** Tests run in their module's directory. */
  private static Path top() {
    Path here = Path.of("").toAbsolutePath();
    return Files.exists(here.resolve("jbuildd")) ? here : here.resolve("..").normalize();
  }

  private String run(Path program, String... args) throws Exception {
    var command = new ArrayList<String>(List.of(program.toString()));
    command.addAll(List.of(args));
    Path errors = work.resolve("errors");
    var process =
        new ProcessBuilder(command)
            .redirectError(errors.toFile())
            .redirectInput(Redirect.from(Path.of("/dev/null").toFile()))
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(COMMAND.toSeconds(), TimeUnit.SECONDS));
    assertEquals(0, process.exitValue(), () -> read(errors));
    assertEquals("", read(errors));
    return said;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static boolean connects(Path socket) throws IOException {
    try (var probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      return probe.connect(UnixDomainSocketAddress.of(socket));
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void theVersionHasTheFourFieldsThatClientsSplit() throws Exception {
    String[] fields = run(called("buildkitd", "jbuildd"), "--version").strip().split(" ", -1);
    assertEquals(4, fields.length);
    assertEquals("buildkitd", fields[0]);
    assertTrue(fields[2].matches("v0\\.[0-9]+\\.[0-9]+\\+jbuild\\..*"), fields[2]);
    String[] client = run(called("buildctl", "jbuild"), "--version").strip().split(" ", -1);
    assertEquals(4, client.length);
    assertEquals("buildctl", client[0]);
  }

  @Test
  void theLineOfTestHarnessesServesAndLeavesNothing() throws Exception {
    Path daemon = called("buildkitd", "jbuildd");
    run(daemon, "--version");
    Path root = Files.createDirectory(work.resolve("root"));
    Path socket = work.resolve("s.sock");
    Path config = Files.writeString(work.resolve("c.toml"), CONFIG.replace("DIR", "" + work));
    Path log = work.resolve("log");
    var process =
        new ProcessBuilder(
                daemon.toString(),
                "--oci-worker=true",
                "--containerd-worker=false",
                "--oci-worker-gc=false",
                "--oci-worker-labels=org.example.k=v",
                "--config=" + config,
                "--root",
                root.toString(),
                "--addr",
                "unix://" + socket,
                "--debug")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      Commands.await(
          "the socket answers",
          START,
          () -> {
            assertTrue(process.isAlive(), () -> read(log));
            return connects(socket);
          });
      String workers =
          run(called("buildctl", "jbuild"), "--addr=unix://" + socket, "debug", "workers", "-v");
      assertTrue(workers.contains("org.example.k=v"), workers);
      process.destroy();
      assertTrue(process.waitFor(STOP.toSeconds(), TimeUnit.SECONDS), "it does not end");
      assertEquals(0, process.exitValue(), () -> read(log));
    } finally {
      process.destroyForcibly();
    }
    assertFalse(Files.exists(socket));
    assertFalse(Files.readString(Path.of("/proc/self/mountinfo")).contains(root.toString()));
    try (var files = Files.walk(root)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /** Unit files with other paths, read by a manager of units that only this test sees. */
  @Test
  void systemdStartsItAtTheFirstCallAndAgainAfterACrash() throws Exception {
    for (String program : List.of("systemctl", "unshare", "crun", "nft", "busybox")) {
      Commands.assumed(program);
    }
    Path launcher = home().resolve("jbuildd");
    run(launcher, "--version");
    Path units = Files.createDirectories(work.resolve("home/.config/systemd/user"));
    for (String unit : List.of("jbuildd.service", "jbuildd.socket")) {
      String text = Files.readString(top().resolve("contrib/systemd").resolve(unit));
      String start = launcher + " --addr fd:// --root " + work.resolve("root");
      Files.writeString(
          units.resolve(unit), text.replace("/opt/jbuild/jbuildd --addr fd://", start));
    }
    Files.writeString(work.resolve("inside.sh"), INSIDE);
    Path script = Files.writeString(work.resolve("units.sh"), UNITS);
    Path log = work.resolve("log");
    var manager =
        new ProcessBuilder("sh", script.toString())
            .directory(work.toFile())
            .redirectError(log.toFile())
            .start();
    String said = new String(manager.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(manager.waitFor(COMMAND.toSeconds(), TimeUnit.SECONDS));
    Assumptions.assumeFalse(
        manager.exitValue() == 77, () -> "skipped: systemd does not run here: " + read(log));
    assertEquals(
        """
        inactive 660
        active
        the step ran
        active again
        success 0 inactive
        nobody else was moved
        """,
        said,
        () -> read(log));
  }

  /** A manager takes all processes of its own control group, which must be no other's, for its. */
  private static final String UNITS =
      """
      group=jbuild-units-$$
      before=$(cat /proc/1/cgroup)
      for top in /sys/fs/cgroup /sys/fs/cgroup/unified /sys/fs/cgroup/systemd; do
        [ -e $top/cgroup.procs ] || continue
        mkdir $top/$group || exit 77
      done
      unshare --mount sh inside.sh $group
      code=$?
      find /sys/fs/cgroup/$group /sys/fs/cgroup/*/$group -depth -type d -exec rmdir {} \\; \
        2>/dev/null
      [ $code = 0 ] || exit $code
      [ "$before" = "$(cat /proc/1/cgroup)" ] && echo nobody else was moved
      """;

  private static final String INSIDE =
      """
      here=$PWD
      for top in /sys/fs/cgroup /sys/fs/cgroup/unified /sys/fs/cgroup/systemd; do
        [ -e $top/cgroup.procs ] || continue
        echo $$ >$top/$1/cgroup.procs || exit 77
      done
      mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/system run || exit 77
      chmod 700 run
      export HOME=$here/home XDG_RUNTIME_DIR=$here/run
      timeout 50 /lib/systemd/systemd --user --log-target=console >&2 &
      n=0
      until [ -S run/systemd/private ]; do
        n=$((n + 1))
        [ $n -lt 100 ] || exit 77
        sleep 0.1
      done
      jbuild="home/jbuild --addr unix://$here/run/jbuild/jbuildd.sock"
      pid() { systemctl --user show -p MainPID --value jbuildd.service; }
      systemctl --user start jbuildd.socket
      echo $(systemctl --user is-active jbuildd.service) $(stat -c %a run/jbuild/jbuildd.sock)
      $jbuild debug workers >&2 && systemctl --user is-active jbuildd.service
      mkdir context && cp /bin/busybox context
      printf 'FROM scratch\nCOPY busybox /\nRUN ["/busybox","echo","the step ran"]\n' \
        >context/Dockerfile
      $jbuild build --progress=plain context >built 2>&1
      cat built >&2
      grep -o 'the step ran$' built | tail -1
      kill -9 $(pid)
      $jbuild debug workers >&2 && echo $(systemctl --user is-active jbuildd.service) again
      systemctl --user stop jbuildd.socket jbuildd.service
      echo $(systemctl --user show -p Result -p ExecMainStatus --value jbuildd.service) \
        $(systemctl --user is-active jbuildd.service)
      systemctl --user exit
      wait
      exit 0
      """;

  private static final String CONFIG =
      """
      insecure-entitlements = [ "network.host", "security.insecure" ]
      provenanceEnvDir = "DIR/provenance.d"
      [registry."localhost:5000"]
        mirrors = [ "localhost:5001" ]
        http = true
      [dns]
        nameservers = [ "10.0.0.1" ]
      [otel]
        socketPath = "DIR/otel.sock"
      [cdi]
        specDirs = [ "DIR/cdi" ]
      [worker.oci]
        gc = false
        max-parallelism = 4
        snapshotter = "overlayfs"
        [[worker.oci.gcpolicy]]
          all = true
          keepBytes = "1GB"
      [worker.containerd]
        enabled = false
      """;
}
