package dev.jbuild.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fifty real clients at once on one daemon, some of them killed at random moments. */
@Tag("root")
class ManyClientsIT {
  private static final int CLIENTS = 50;
  private static final int KILLED = 15;
  private static final long KILL_WITHIN_NANOS = 6_000_000_000L;
  private static final long HEAP_BYTES = 24 << 20;

  @TempDir static Path work;
  private static BuildHost host;
  private static DaemonProcess daemon;
  private static BuildxClient first;
  private static URI debug;

  @BeforeAll
  static void open() throws Exception {
    host = BuildHost.withBase(work.resolve("many-clients"));
    int port = HostServices.freePort();
    daemon = DaemonProcess.over(host, "--debugaddr=127.0.0.1:" + port);
    debug = URI.create("http://127.0.0.1:" + port);
    first = BuildxClient.at(Files.createDirectories(work.resolve("first")), daemon.address());
  }

  @AfterAll
  static void close() {
    if (daemon != null) { // null when this machine can not build
      daemon.close();
    }
  }

  /** A client, its build, and when it is killed: never for 0. */
  private record Build(int number, BuildxClient client, Path out, Process process, long killAt) {}

  /** What the daemon holds when nothing is asked of it. */
  private record Held(int files, int threads, int mounts, long heapBytes) {

    static Held now() throws IOException, InterruptedException {
      page("/debug/gc");
      Path process = Path.of("/proc", Long.toString(daemon.processId()));
      try (Stream<Path> files = Files.list(process.resolve("fd"))) {
        return new Held(
            (int) files.count(),
            (int) page("/debug/threads").lines().filter(Held::counts).count(),
            Files.readAllLines(process.resolve("mountinfo")).size(),
            figure("jvm_memory_used_bytes{area=\"heap\"}"));
      }
    }

    /** A thread, unless it is one of a pool that waits a minute for more to do. */
    private static boolean counts(String line) {
      boolean idle =
          line.contains(" TIMED_WAITING ")
              && (line.contains("\"pump-") || line.contains("\"process reaper\""));
      return line.startsWith("#") && !idle;
    }

    /** The few more are of pools, which fill and empty by themselves. */
    boolean atMost(Held before) {
      return files <= before.files + 8
          && threads <= before.threads + 4
          && mounts <= before.mounts
          && heapBytes <= before.heapBytes + HEAP_BYTES;
    }
  }

  private static String page(String path) throws IOException, InterruptedException {
    try (var client = HttpClient.newHttpClient()) {
      var asked = HttpRequest.newBuilder(debug.resolve(path)).build();
      return client.send(asked, BodyHandlers.ofString()).body();
    }
  }

  private static long figure(String name) throws IOException, InterruptedException {
    return page("/metrics")
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToLong(line -> (long) Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow();
  }

  private static Path context(String wave, int number, boolean killed) throws IOException {
    Path context =
        host.context(
            """
            FROM base
            COPY . /context
            RUN --mount=type=cache,target=/shared,id=shared ls /context | wc -l > /shared/%1$s-%2$d
            RUN cat /context/mine > /mine && echo step of %1$s %2$d%3$s
            """
                .formatted(wave, number, killed ? " && sleep 600" : ""));
    Files.writeString(context.resolve("mine"), wave + " " + number + "\n");
    for (int i = 0; i < 40; i++) {
      Files.writeString(context.resolve("f" + i), "same\n".repeat(i));
    }
    Files.write(context.resolve("large"), new byte[500_000 + number]);
    return context;
  }

  private static Build begin(String wave, int number, long killAt) throws Exception {
    BuildxClient client = first.copy(work.resolve(wave + "-" + number));
    Path out = work.resolve(wave + "-out-" + number);
    var args = new ArrayList<>(List.of("build", "--builder=jb", "--progress=plain"));
    args.add("--output=type=local,dest=" + out);
    args.add(context(wave, number, killAt > 0).toString());
    return new Build(number, client, out, client.start(args.toArray(String[]::new)), killAt);
  }

  private static void kill(Build build) {
    build.process().descendants().forEach(ProcessHandle::destroyForcibly);
    build.process().destroyForcibly();
  }

  /** All of a wave end before this does. */
  private static void wave(String name, Random random) throws Exception {
    var builds = new ArrayList<Build>();
    long begin = System.nanoTime();
    try {
      for (int i = 0; i < CLIENTS; i++) {
        boolean killed = i % CLIENTS < KILLED;
        builds.add(begin(name, i, killed ? 1 + random.nextLong(KILL_WITHIN_NANOS) : 0));
      }
      builds.stream()
          .filter(build -> build.killAt() > 0)
          .sorted((one, other) -> Long.compare(one.killAt(), other.killAt()))
          .forEach(
              build -> {
                long left;
                while ((left = begin + build.killAt() - System.nanoTime()) > 0) {
                  LockSupport.parkNanos(left);
                }
                kill(build);
              });
      for (Build build : builds) {
        if (build.killAt() == 0) {
          build.client().end(build.process(), name, Integer.toString(build.number())).succeeded();
          assertEquals(
              name + " " + build.number() + "\n", Files.readString(build.out().resolve("mine")));
        }
      }
    } finally {
      builds.forEach(ManyClientsIT::kill);
    }
    assertTrue(
        Deadline.seconds(20).until(() -> figure("jbuild_builds_running") == 0),
        "builds of clients that are gone go on");
  }

  @Test
  void killedClientsDisturbNobodyAndLeaveNothing() throws Exception {
    long seed = System.nanoTime();
    var random = new Random(seed);
    wave("first", random);
    Held before = Held.now();
    assertTrue(before.files > 10 && before.threads > 5 && before.heapBytes > 0, before::toString);

    wave("second", random);

    boolean settled = Deadline.seconds(20).until(() -> Held.now().atMost(before));
    assertTrue(settled, "seed " + seed + ": before " + before + ", now " + Held.now());
    assertTrue(figure("jbuild_builds_total{result=\"cancelled\"}") > 0, "nothing was killed");
    first.build(host.context("FROM base\nRUN echo still here\n")).succeeded();
    daemon.close();
    assertEquals(List.of(), new MachineLeftovers("many-clients").settled(Deadline.seconds(20)));
  }
}
