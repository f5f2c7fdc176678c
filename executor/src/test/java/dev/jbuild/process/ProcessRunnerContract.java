package dev.jbuild.process;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.llb.ExecMeta.ProxyEnv;
import dev.jbuild.mount.Mount;
import dev.jbuild.process.runtime.BusyboxRoot;
import dev.jbuild.process.runtime.Eventually;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every runner does. Needs root, busybox and overlayfs. */
@Tag("root")
@Timeout(120)
public abstract class ProcessRunnerContract extends RunnerFixture {
  // Exit codes and streams.

  @Test
  void exitCodeOfTheProcessIsReturned() throws Exception {
    assertEquals(7, run(StepRequests.shell("exit 7")));
    assertEquals(255, run(StepRequests.shell("exit 255")));
    assertEquals(1, run(StepRequests.shell("exit 1")));
  }

  @Test
  void deathBySignalIs128PlusItsNumber() throws Exception {
    var running = start(StepRequests.command("sleep", "90001"));
    Eventually.await(
        "the step runs",
        PATIENCE_MILLIS,
        () -> {
          var steps = processesWith("90001");
          // The runtime's own command line does not name the step's arguments.
          steps.forEach(ProcessHandle::destroyForcibly);
          return !steps.isEmpty();
        });
    assertEquals(137, running.result().get());
  }

  @Test
  void bothStreamsArriveApart() throws Exception {
    var request = StepRequests.shell("echo out; echo err >&2; echo more");
    assertEquals(0, run(request));
    assertEquals("out\nmore\n", request.output().out());
    assertEquals("err\n", request.output().err());
  }

  @Test
  void tenMegabytesArriveWhole() throws Exception {
    var request = StepRequests.shell("yes 0123456789abcde | head -c 10485760");
    assertEquals(0, run(request));
    byte[] want = "0123456789abcde\n".repeat(655_360).getBytes(StandardCharsets.US_ASCII);
    assertArrayEquals(want, request.output().bytes());
  }

  @Test
  void standardInputIsEmpty() throws Exception {
    assertEquals("0\n", out(StepRequests.shell("cat | wc -c")));
  }

  @Test
  void backgroundProcessesDoNotHoldTheStep() throws Exception {
    assertEquals(
        "done\n", out(StepRequests.shell("(setsid sleep 90002 &) ; sleep 90002 & echo done")));
    assertEquals(List.of(), processesWith("90002"));
  }

  @Test
  void failingTakerOfOutputFailsTheStepAfterItsEnd() throws Exception {
    var failure = new IllegalArgumentException("no more");
    var plain = StepRequests.shell("yes | head -c 1000000; exit 3").on(root().overlay());
    var output =
        new ProcessRequest.Output() {
          @Override
          public void stdout(byte[] bytes, int offset, int length) {
            throw failure;
          }

          @Override
          public void stderr(byte[] bytes, int offset, int length) {}
        };
    var request =
        new ProcessRequest(
            plain.stepId(),
            plain.root(),
            plain.rootReadonly(),
            plain.mounts(),
            plain.hidden(),
            plain.meta(),
            plain.network(),
            plain.security(),
            plain.resources(),
            output);
    assertEquals(failure, assertThrows(RuntimeException.class, () -> runner().run(request)));
  }

  // Environment, directory, user.

  @Test
  void environmentIsTheGivenOneWithPathAndHome() throws Exception {
    assertEquals(
        """
        A=1
        HOME=/root
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
        """,
        out(StepRequests.shell("env | grep -v -e ^PWD= -e ^SHLVL= -e ^OLDPWD= | sort").env("A=1")));
  }

  @Test
  void givenVariablesWinOverProxiesAndDefaults() throws Exception {
    var request =
        StepRequests.shell("echo $HTTP_PROXY $http_proxy $PATH $HOME")
            .env("HTTP_PROXY=mine", "PATH=/bin", "HOME=/h")
            .proxies(new ProxyEnv("http://p:1", "", "", "", ""));
    assertEquals("mine http://p:1 /bin /h\n", out(request));
  }

  @Test
  void workingDirectoryIsMadeWhenMissing() throws Exception {
    assertEquals("/\n", out(StepRequests.shell("pwd")));
    assertEquals("/a/b\n", out(StepRequests.shell("pwd").cwd("/a/b")));
  }

  @Test
  void userIsLookedUpInTheImage() throws Exception {
    String ids = "echo $(id -u) $(id -g) $(id -G) $HOME";
    assertEquals("0 0 0 10 /root\n", out(StepRequests.shell(ids)));
    assertEquals("1001 1002 1002 10 44 /home/ann\n", out(StepRequests.shell(ids).user("ann")));
    assertEquals("1001 10 10 /home/ann\n", out(StepRequests.shell(ids).user("ann:wheel")));
    assertEquals("5 6 6 /\n", out(StepRequests.shell(ids).user("5:6")));
  }

  @Test
  void unknownUserIsNamedWithTheFile() {
    var failure =
        assertThrows(BuildException.class, () -> run(StepRequests.shell("true").user("bob")));
    assertEquals(Code.NOT_FOUND, failure.code());
    assertEquals(
        "user 'bob' is not in /etc/passwd of the image: create it in an earlier step, or give a"
            + " number",
        failure.message());
  }

  @Test
  void whatNoProgramCanBeGivenIsRefused() {
    assertEquals(
        "environment: a variable has a NUL character in it: 'A?=1'",
        assertThrows(BuildException.class, () -> run(StepRequests.command("true").env("A\0=1")))
            .message());
    assertEquals(
        "exec: no command: want at least one argument",
        assertThrows(BuildException.class, () -> run(StepRequests.command())).message());
  }

  // Failures to start.

  @Test
  void missingCommandIsNamedWithThePath() {
    var bare = assertThrows(BuildException.class, () -> run(StepRequests.command("foo")));
    assertEquals(
        "exec: \"foo\": executable file not found in $PATH"
            + " (PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin)",
        bare.message());
    assertEquals(Code.NOT_FOUND, bare.code());
    var absolute = assertThrows(BuildException.class, () -> run(StepRequests.command("/x/foo")));
    assertEquals(
        "exec: \"/x/foo\": no such file in the root file system of the step", absolute.message());
  }

  @Test
  void programOfAnotherMachineIsSaidToBeOne() throws Exception {
    byte[] arm = new byte[64];
    byte[] start = {0x7f, 'E', 'L', 'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, (byte) 183, 0};
    System.arraycopy(start, 0, arm, 0, start.length);
    program("arm", arm);
    var failure = assertThrows(BuildException.class, () -> run(StepRequests.command("arm")));
    assertEquals(
        "exec: \"/bin/arm\": exec format error: it is built for arm64, this machine is amd64",
        failure
            .message()
            .replace("machine is " + System.getProperty("os.arch"), "machine is amd64"));
  }

  @Test
  void missingInterpreterIsExplained() throws Exception {
    program("script", "#!/none\n".getBytes(StandardCharsets.US_ASCII));
    var failure = assertThrows(BuildException.class, () -> run(StepRequests.command("script")));
    assertEquals(
        "exec: \"/bin/script\": its interpreter is not in the root file system: the program after"
            + " '#!' of a script, or the dynamic loader of a binary",
        failure.message());
  }

  private void program(String name, byte[] bytes) throws Exception {
    var file = root().layer().resolve("bin/" + name);
    Files.write(file, bytes);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @Test
  void stepThatPrintsARuntimesWordsAndGoesOnKeepsItsExitCode() throws Exception {
    String words = "exec /bin/x: exec format error";
    assertEquals(1, run(StepRequests.shell("echo; echo '" + words + "' >&2; exit 1")));
    assertEquals(3, run(StepRequests.shell("echo '" + words + "' >&2; exit 3")));
  }

  // The layer.

  @Test
  void stepThatWritesNothingLeavesItsLayerEmpty() throws Exception {
    var overlay = root().overlay();
    assertEquals(0, runner().run(StepRequests.command("true").on(overlay)));
    assertEquals(List.of(), below(BusyboxRoot.upper(overlay)));
  }

  @Test
  void mountPointsAreNotPartOfTheLayer() throws Exception {
    var overlay = root().overlay();
    Files.createDirectories(directory().resolve("cache"));
    var old = FileTime.from(Instant.parse("2001-02-03T04:05:06.123456789Z"));
    Files.setLastModifiedTime(root().layer().resolve("etc"), old);
    Files.setLastModifiedTime(root().layer().resolve("home/ann"), old);
    var request =
        StepRequests.shell("echo x > /home/ann/cache/deep/f; touch /new; stat -c %Y /etc")
            .mount(
                Mount.bind(directory().resolve("cache").toString(), false),
                "",
                "/home/ann/cache/deep");
    assertEquals(0, runner().run(request.on(overlay)));
    assertEquals("981173106\n", request.output().out());
    assertEquals(List.of("new"), below(BusyboxRoot.upper(overlay)));
    assertTrue(Files.exists(directory().resolve("cache/f")));
  }

  @Test
  void mountPointThatTheStepFilledStays() throws Exception {
    var overlay = root().overlay();
    Files.createDirectories(directory().resolve("cache"));
    var request =
        StepRequests.shell("echo x > /mnt/beside")
            .mount(Mount.bind(directory().resolve("cache").toString(), false), "", "/mnt/point");
    assertEquals(0, runner().run(request.on(overlay)));
    assertEquals(List.of("mnt", "mnt/beside"), below(BusyboxRoot.upper(overlay)));
  }

  @Test
  void resolvConfThatIsADanglingLinkIsMountedWhereItLeads() throws Exception {
    var link = Path.of("../run/resolve/stub.conf");
    Files.createSymbolicLink(root().layer().resolve("etc/resolv.conf"), link);
    var overlay = root().overlay();
    var request = StepRequests.command("cat", "/run/resolve/stub.conf");
    assertEquals(0, runner().run(request.on(overlay)));
    assertEquals(Files.readString(Path.of("/etc/resolv.conf")), request.output().out());
    assertEquals(List.of(), below(BusyboxRoot.upper(overlay)));
  }

  @Test
  void linkThatTheStepPutsInTheWayLeadsNobodyOut() throws Exception {
    var victim = directory().resolve("victim");
    Files.createDirectories(victim.resolve("a/point"));
    Files.createDirectories(directory().resolve("cache"));
    var request =
        StepRequests.shell("mv /mnt /old; ln -s " + victim + " /mnt")
            .mount(Mount.bind(directory().resolve("cache").toString(), false), "", "/mnt/a/point");
    run(request);
    assertTrue(Files.exists(victim.resolve("a/point")));
  }

  private static List<String> below(Path top) throws Exception {
    try (var paths = Files.walk(top)) {
      return paths
          .filter(path -> !path.equals(top))
          .map(path -> top.relativize(path).toString())
          .sorted()
          .toList();
    }
  }

  // Mounts.

  @Test
  void readonlyMountCannotBeWritten() throws Exception {
    Files.writeString(Files.createDirectories(directory().resolve("data")).resolve("f"), "hello");
    var request =
        StepRequests.shell("cat /data/f; touch /data/g 2>/dev/null; echo $?")
            .mount(Mount.bind(directory().resolve("data").toString(), true), "", "/data");
    assertEquals("hello1\n", out(request));
  }

  @Test
  void selectorShowsAPartAndNeverLeavesIt() throws Exception {
    var data = Files.createDirectories(directory().resolve("data/sub/dir"));
    Files.writeString(data.resolve("f"), "part");
    Files.createSymbolicLink(directory().resolve("data/out"), Path.of("/sub/../../../sub"));
    var source = Mount.bind(directory().resolve("data").toString(), true);
    assertEquals("part", out(StepRequests.shell("cat /m/f").mount(source, "sub/dir", "/m")));
    assertEquals("part", out(StepRequests.shell("cat /m/dir/f").mount(source, "/out", "/m")));
    assertEquals("part", out(StepRequests.shell("cat /f").mount(source, "sub/dir/f", "/f")));
  }

  @Test
  void overlayAndTmpfsCanBeMountedInside() throws Exception {
    var other = Files.createDirectories(directory().resolve("other"));
    Files.writeString(other.resolve("f"), "other");
    var view =
        new Mount(
            "overlay", "overlay", List.of("ro", "lowerdir=" + other, "lowerdir=" + root().layer()));
    var tmpfs = new Mount("tmpfs", "tmpfs", List.of("size=1m", "mode=1777"));
    var request =
        StepRequests.shell("cat /v/f; test -x /v/bin/sh && echo ' sh'; stat -f -c %T /t")
            .mount(view, "", "/v")
            .mount(tmpfs, "", "/t");
    assertEquals("other sh\ntmpfs\n", out(request));
  }

  @Test
  void readonlyRootCannotBeWritten() throws Exception {
    var request = StepRequests.shell("touch /f 2>/dev/null; echo $?").readonlyRoot();
    assertEquals("1\n", out(request));
  }

  // Cancelling, and what is left.

  @Test
  void cancelKillsTheWholeTreeAndCleansUp() throws Exception {
    var request =
        StepRequests.shell(
            "for i in $(seq 50); do (setsid sh -c 'sleep 90003 & sleep 90003' &); done;"
                + " echo ready; trap '' TERM INT; while true; do sleep 90003; done");
    var running = start(request);
    Eventually.await("ready", PATIENCE_MILLIS, () -> request.output().out().equals("ready\n"));
    assertEquals(InterruptedException.class, running.cancel().getClass());
    assertEquals(List.of(), processesWith("90003"));
    assertNothingIsLeft();
  }

  @Test
  void cancelAtAnyMomentLeavesNothing() throws Exception {
    for (int round = 0; round < 20; round++) {
      var running = start(StepRequests.command("sleep", "90004"));
      long nanos = round * 1_500_000L;
      LockSupport.parkNanos(nanos);
      assertEquals(InterruptedException.class, running.cancel().getClass());
    }
    assertEquals(List.of(), processesWith("90004"));
    assertNothingIsLeft();
  }

  @Test
  void stepsRunSideBySide() throws Exception {
    List<Callable<String>> steps = new ArrayList<>();
    for (int number = 0; number < 24; number++) {
      String text = "step" + number;
      steps.add(() -> out(StepRequests.shell("echo " + text + "; hostname")));
    }
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<String>> results = threads.invokeAll(steps);
      for (int number = 0; number < results.size(); number++) {
        assertTrue(results.get(number).get().startsWith("step" + number + "\n"));
      }
    }
    assertNothingIsLeft();
  }

  @Test
  void sameStepIdTwiceAtOnceIsABug() throws Exception {
    var running = start(StepRequests.command("sleep", "90005").id("twice"));
    Eventually.await("runs", PATIENCE_MILLIS, () -> !processesWith("90005").isEmpty());
    assertThrows(IllegalStateException.class, () -> run(StepRequests.command("true").id("twice")));
    running.cancel();
    assertEquals(0, run(StepRequests.command("true").id("twice")));
  }
}
