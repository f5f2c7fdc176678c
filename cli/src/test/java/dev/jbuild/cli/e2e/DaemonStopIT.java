package dev.jbuild.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A daemon that is told to end while builds are under way. */
@Tag("root")
@Timeout(300)
class DaemonStopIT {
  /** The promise is a second on a machine that does nothing else; here others may build. */
  private static final int STOP_SECONDS = 8;

  private static final int CLIENTS = 12;
  private static final long WITHIN_NANOS = 3_000_000_000L;
  private static final long LARGE_BYTES = 300 << 20;

  private static final String STOPPED =
      "the daemon was told to stop, which ended the build: run it again when the daemon is back;"
          + " steps that are done are kept";
  private static final String BUILDX_SAYS =
      "ERROR: failed to build: failed to solve: Unavailable: " + STOPPED;

  @TempDir static Path work;
  private static BuildHost host;
  private DaemonProcess daemon;

  @BeforeAll
  static void makeHost() throws Exception {
    host = BuildHost.withBase(work.resolve("daemon-stop-" + UUID.randomUUID()));
  }

  @BeforeEach
  void start() throws Exception {
    daemon = DaemonProcess.over(host);
  }

  @AfterEach
  void close() {
    if (daemon != null) { // null when it did not start
      daemon.close();
    }
  }

  /** A step that goes on for ever, with a process that hears no signal and one out of its group. */
  private static Path endless(String mark) throws IOException {
    return host.context(
        """
        FROM base
        RUN echo done before MARK
        RUN echo a step of MARK; (setsid sh -c "trap : TERM INT HUP; sleep 1000; : MARK" &) ; \
            trap : TERM INT; sleep 1000; : MARK
        """
            .replace("MARK", mark));
  }

  private static String mark() {
    return "mark" + UUID.randomUUID();
  }

  /** Both shells of the step. */
  private static void awaitStep(String mark) throws Exception {
    assertTrue(
        Deadline.seconds(60).until(() -> Lab.processes(mark).size() >= 2), "the step does not run");
  }

  /** Tells the daemon to end, and waits for it. */
  private void stop(String signal) throws Exception {
    Commands.exec("kill", "-" + signal, Long.toString(daemon.processId()));
    Process process = daemon.process();
    assertTrue(process.waitFor(STOP_SECONDS, TimeUnit.SECONDS), () -> "it goes on: " + log());
    assertEquals(0, process.exitValue(), this::log);
    List<String> complaints =
        log().lines().filter(line -> line.matches("(WARNING|SEVERE|\\s+at ).*")).toList();
    assertEquals(List.of(), complaints, this::log);
  }

  private String log() {
    try {
      return daemon.log();
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static void assertNothingIsLeft(String mark) throws Exception {
    assertEquals(List.of(), Lab.processes(mark), "are still there");
    assertFalse(Files.exists(host.work().resolve("jbuildd.sock")), "the socket is still there");
    for (String directory : List.of("run", "tmp")) {
      assertEquals(List.of(), host.stateFiles(directory), directory);
    }
    String name = host.work().getFileName().toString();
    assertEquals(List.of(), new MachineLeftovers(name).settled(Deadline.seconds(5)));
  }

  private BuildxClient buildx(String name) throws Exception {
    return BuildxClient.at(Files.createDirectories(work.resolve(name)), daemon.address());
  }

  private static Process begin(BuildxClient client, Path context) throws IOException {
    return client.start("build", "--builder=jb", "--progress=plain", context.toString());
  }

  private static String lastLine(Outcome outcome) {
    List<String> lines = outcome.err().strip().lines().toList();
    return lines.get(lines.size() - 1);
  }

  @Test
  void buildxIsToldAndFindsItsDoneStepsLater() throws Exception {
    String mark = mark();
    BuildxClient client = buildx("told");
    Path context = endless(mark);
    Process build = begin(client, context);
    awaitStep(mark);
    stop("TERM");

    Outcome outcome = client.end(build, "build");
    assertEquals(BUILDX_SAYS, lastLine(outcome), outcome.err());
    assertEquals(1, outcome.code());
    assertNothingIsLeft(mark);

    daemon = DaemonProcess.over(host);
    String list = client.on("history", "ls").succeeded().out();
    assertTrue(list.contains("Error") && !list.contains("Running"), list);
    String again = "FROM base\nRUN echo done before " + mark + "\n";
    Outcome next = client.build(host.context(again)).succeeded();
    assertTrue(next.err().contains("CACHED"), next.err());
  }

  @Test
  void jbuildIsTold() throws Exception {
    String mark = mark();
    String context = endless(mark).toString();
    String address = daemon.address();
    var build =
        new FutureTask<>(
            () ->
                host.jbuild("", Map.of(), "--addr", address, "build", "--progress=plain", context));
    Thread.ofPlatform().daemon().start(build);
    awaitStep(mark);
    stop("TERM");

    Outcome outcome = build.get(60, TimeUnit.SECONDS);
    assertEquals(STOPPED, outcome.error(), outcome.err());
    assertEquals(69, outcome.code());
    assertNothingIsLeft(mark);
  }

  /** The call that waits then is not Solve but one of buildx's own for its Dockerfile. */
  @Test
  void buildxIsToldWhileARegistryDoesNotAnswer() throws Exception {
    try (var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      BuildxClient client = buildx("silent");
      String image = "127.0.0.1:" + silent.getLocalPort() + "/silent";
      Process build = begin(client, host.context("FROM " + image + "\nRUN true\n"));
      silent.setSoTimeout(60_000);
      try (var asked = silent.accept()) {
        asked.setSoTimeout(60_000);
        assertTrue(asked.getInputStream().read() >= 0, "the daemon does not ask the registry");
        stop("TERM");
      }
      Outcome outcome = client.end(build, "build");
      assertTrue(lastLine(outcome).endsWith(STOPPED), outcome.err());
      assertEquals(1, outcome.code(), outcome.err());
      assertNothingIsLeft(image);
    }
  }

  /** The client neither reads nor answers from when it has said this. */
  private void stopWithDeafClient(String name, String said, Path context, String... flags)
      throws Exception {
    BuildxClient client = buildx(name);
    var args = new ArrayList<>(List.of("build", "--builder=jb", "--progress=plain"));
    args.addAll(List.of(flags));
    args.add(context.toString());
    Process build = client.start(args.toArray(String[]::new));
    List<ProcessHandle> deaf = List.of();
    try {
      assertTrue(
          Deadline.seconds(60).until(() -> client.said().contains(said) || !build.isAlive()));
      assertTrue(build.isAlive(), client::said);
      deaf = Stream.concat(build.descendants(), Stream.of(build.toHandle())).toList();
      for (ProcessHandle each : deaf) {
        Commands.exec("kill", "-STOP", Long.toString(each.pid()));
      }
      stop("TERM");
    } finally {
      deaf.forEach(ProcessHandle::destroyForcibly);
      build.destroyForcibly();
    }
    assertTrue(build.waitFor(20, TimeUnit.SECONDS));
  }

  @Test
  void aDeafClientOfAStepHoldsNoEndUp() throws Exception {
    String mark = mark();
    stopWithDeafClient("deaf", " a step of " + mark + "\n", endless(mark));
    assertNothingIsLeft(mark);
  }

  @Test
  void aClientThatSendsNoMoreOfItsContextHoldsNoEndUp() throws Exception {
    Path context = host.context("FROM scratch\nCOPY large /\n");
    try (var large = new RandomAccessFile(context.resolve("large").toFile(), "rw")) {
      large.setLength(LARGE_BYTES);
    }
    stopWithDeafClient("sending", "load build context", context);
    assertNothingIsLeft(context.toString());
  }

  @Test
  void aClientThatTakesNoMoreOfTheResultHoldsNoEndUp() throws Exception {
    String make = "FROM base\nRUN head -c " + LARGE_BYTES + " /dev/zero > /large\n";
    Path out = work.resolve("taken.tar");
    stopWithDeafClient(
        "taking", "sending tarball", host.context(make), "--output=type=tar,dest=" + out);
    assertNothingIsLeft(out.toString());
    assertTrue(!Files.exists(out) || Files.size(out) < LARGE_BYTES, "it was all sent before");
  }

  @Test
  void clientsInAllStagesEndAndNothingIsLeft() throws Exception {
    long seed = System.nanoTime();
    var random = new Random(seed);
    BuildxClient first = buildx("stages");
    String mark = mark();
    var clients = new ArrayList<BuildxClient>();
    var builds = new ArrayList<Process>();
    try {
      for (int i = 0; i < CLIENTS; i++) {
        BuildxClient client = first.copy(work.resolve("stages-" + i));
        clients.add(client);
        builds.add(begin(client, i % 3 == 0 ? endless(mark + i) : busy(mark + i)));
      }
      awaitStep(mark);
      long end = System.nanoTime() + random.nextLong(WITHIN_NANOS);
      assertTrue(Deadline.seconds(60).until(() -> System.nanoTime() >= end));
      stop("INT");
      int told = 0;
      for (int i = 0; i < CLIENTS; i++) {
        Outcome outcome = clients.get(i).end(builds.get(i), "build", "" + i);
        // 130 would say that its user cancelled; those that come too late find no socket.
        assertTrue(outcome.code() == 0 || outcome.code() == 1, outcome.code() + outcome.err());
        assertFalse(outcome.err().contains("Exception"), outcome.err());
        told += outcome.err().contains(STOPPED) ? 1 : 0;
      }
      assertTrue(told > 0, "nobody was told");
      assertNothingIsLeft(mark);
    } catch (AssertionError failure) {
      throw new AssertionError("seed " + seed + ": " + failure.getMessage(), failure);
    } finally {
      builds.forEach(build -> build.descendants().forEach(ProcessHandle::destroyForcibly));
      builds.forEach(Process::destroyForcibly);
    }
  }

  /** A context of some size and steps that end soon. */
  private static Path busy(String mark) throws IOException {
    Path context =
        host.context(
            "FROM base\nCOPY . /c\nRUN cat /c/large > /copy; : MARK\nRUN sleep 1; : MARK\n"
                .replace("MARK", mark));
    Files.write(context.resolve("large"), new byte[8 << 20]);
    return context;
  }
}
