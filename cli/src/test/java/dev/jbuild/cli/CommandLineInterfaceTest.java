package dev.jbuild.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.cli.engine.Engines;
import dev.jbuild.cli.engine.TlsOptions;
import dev.jbuild.daemon.Version;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandLineInterfaceTest {
  private final CliRig cli;

  CommandLineInterfaceTest(@TempDir Path work) throws IOException {
    cli = CliRig.withDockerfile(work);
  }

  @Test
  void versionAndHelpNeedNothing() {
    cli.ends(0, "jbuild " + Version.text() + "\n", "", "version");
    assertEquals(0, cli.run("--help"));
    assertEquals(0, cli.run("build", "--help"));
    assertTrue(cli.out().contains("--build-arg=K=V"));
    assertEquals(List.of(), cli.engine.opened);
  }

  @Test
  void theDaemonOfBuildkitsEnvironmentIsUsed() {
    cli.env.put("BUILDKIT_HOST", "tcp://b:1");
    cli.planned("build", ".");
    assertEquals(new Engines.Daemon("tcp://b:1", null), cli.engine.opened.get(0));
    cli.env.put("JBUILD_HOST", "unix:///j");
    cli.planned("build", ".");
    assertEquals(new Engines.Daemon("unix:///j", null), cli.engine.opened.get(1));
  }

  @Test
  void filesOfTlsGoWithATcpAddress() throws IOException {
    cli.planned(
        "--addr", "tcp://b:1", "--tlscacert=ca", "--tlscert", "c", "--tlskey=k", "build", ".");
    assertEquals(
        new Engines.Daemon(
            "tcp://b:1",
            new TlsOptions(
                cli.work.resolve("ca"), cli.work.resolve("c"), cli.work.resolve("k"), null)),
        cli.engine.opened.get(0));
    Path files = Files.createDirectory(cli.work.resolve("tls"));
    for (String name : List.of("ca.pem", "tls.crt", "tls.key")) {
      Files.createFile(files.resolve(name));
    }
    cli.planned("build", "--addr=tcp://b:1", "--tlsdir=tls", "--tlsservername=n", ".");
    assertEquals(
        new Engines.Daemon(
            "tcp://b:1",
            new TlsOptions(
                files.resolve("ca.pem"), files.resolve("tls.crt"), files.resolve("tls.key"), "n")),
        cli.engine.opened.get(1));
  }

  @Test
  void tlsWithoutTcpIsRefused() {
    cli.usage(
        "--tlscacert: TLS is for daemons at tcp://HOST:PORT, and this one is at 'unix:///x'",
        "build",
        "--addr=unix:///x",
        "--tlscacert=ca",
        ".");
  }

  @Test
  void aCertificateNeedsItsKey() {
    cli.usage(
        "--tlscert and --tlskey belong together: give both or none",
        "build",
        "--addr=tcp://x:1",
        "--tlscert=c",
        ".");
  }

  @Test
  void workersOfADaemonAreListed() {
    cli.env.put("BUILDKIT_HOST", "unix:///b");
    cli.ends(0, "ID   PLATFORMS\nw1   linux/amd64,linux/arm64\n", "", "debug", "workers");
    assertEquals(new Engines.Daemon("unix:///b", null), cli.engine.opened.get(0));
  }

  @Test
  void mistypedCommandsAndFlagsAreGuessed() {
    cli.ends(
        ExitCode.USAGE,
        "",
        "error: unknown command 'biuld', did you mean 'build'?\nsee 'jbuild --help'\n",
        "biuld",
        ".");
  }

  @Test
  void mistypedFlagsAreGuessed() {
    cli.usage(
        "unknown flag '--netwrok', did you mean '--network'?", "build", "--netwrok=host", ".");
  }

  @Test
  void flagsOfLaterSayWhatTheyComeWith() {
    cli.usage(
        "--cache-to comes with the remote cache and is not offered yet",
        "build",
        "--cache-to=type=inline",
        ".");
  }

  @Test
  void oneContextIsWanted() {
    cli.usage("no context given: name a directory, such as '.'", "build", "-t", "a");
  }

  @Test
  void aMissingValueIsNamed() {
    cli.usage("missing required parameter for option '--file' (FILE)", "build", ".", "-f");
  }

  @Test
  void flagsStandBeforeAndAfterTheContext() {
    var plan =
        cli.planned("build", "-qt", "a", ".", "--target=x", "--no-cache", "--build-arg", "A=1,2");
    assertEquals("x", plan.attrs().get("target"));
    assertEquals("", plan.attrs().get("no-cache"));
    assertEquals("1,2", plan.attrs().get("build-arg:A"));
    assertEquals("docker.io/library/a:latest", plan.outputs().get(0).attrs().get("name"));
  }

  @Test
  void aSwitchMayBeTurnedOff() {
    var plan = cli.planned("build", "--no-cache=false", "--pull", ".");
    assertFalse(plan.attrs().containsKey("no-cache"));
    assertEquals("pull", plan.attrs().get("image-resolve-mode"));
  }

  @Test
  void theEngineIsChosenByFlagAndEnvironment() {
    cli.env.put("JBUILD_HOST", "unix:///from/cli.env.sock");
    cli.env.put("JBUILD_ROOT", "state");
    cli.run("build", ".");
    cli.run("build", "--addr", "tcp://127.0.0.1:1234", ".");
    cli.env.remove("JBUILD_HOST");
    cli.run("build", ".");
    cli.run("--root=/other", "build", ".");
    assertEquals(new Engines.Daemon("unix:///from/cli.env.sock", null), cli.engine.opened.get(0));
    assertEquals(new Engines.Daemon("tcp://127.0.0.1:1234", null), cli.engine.opened.get(1));
    var here = assertInstanceOf(Engines.InProcess.class, cli.engine.opened.get(2));
    assertEquals(cli.work.resolve("state"), here.root());
    var other = assertInstanceOf(Engines.InProcess.class, cli.engine.opened.get(3));
    assertEquals(Path.of("/other"), other.root());
    assertEquals(4, cli.engine.closed);
  }

  @Test
  void anAddressOfAnotherKindIsRefused() {
    cli.usage(
        "--addr: want unix://PATH or tcp://HOST:PORT, got 'ssh://x'",
        "build",
        "--addr=ssh://x",
        ".");
  }

  @Test
  void imagesAreATable() {
    cli.engine.stored.add(FakeEngine.image("docker.io/library/app:v1", 'a', 90, 2_130_000));
    cli.engine.stored.add(FakeEngine.image("localhost:5000/x/y:latest", 'b', 3 * 86_400, 31));
    cli.ends(
        0,
        """
        REPOSITORY              TAG      IMAGE ID       CREATED        SIZE
        docker.io/library/app   v1       aaaaaaaaaaaa   1 minute ago   2.13MB
        localhost:5000/x/y      latest   bbbbbbbbbbbb   3 days ago     31B
        """,
        "",
        "images");
  }

  @Test
  void imagesMayBeIdsOnly() {
    cli.engine.stored.add(FakeEngine.image("app:v1", 'a', 90, 1));
    cli.ends(0, "sha256:" + "a".repeat(64) + "\n", "", "images", "-q", "--no-trunc");
  }
}
