package dev.jbuild.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.cli.Cancellation;
import dev.jbuild.network.bridge.BridgeConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Steps that end in the middle of things, through a daemon that stays. */
@Tag("root")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NetworkStressIT {
  private static final int BATCHES = 10;
  private static final int STEPS = 20;
  private static final int LATEST_MILLIS = 1500;
  private static final long SEED = 3;

  /** The bridge, and the ports of the pool. */
  private static final long LINKS = 9;

  private static final int SETTLED_SECONDS = 30;

  private BuildHost host;
  private DaemonProcess daemon;
  private String table;
  private String bridge;

  @BeforeAll
  void open(@TempDir Path directory) throws Exception {
    host = BuildHost.withBase(directory);
    Path config = directory.resolve("stress.toml");
    Files.writeString(
        config,
        """
        insecure-entitlements = ["network.host=127.0.0.1:1-65535"]
        [worker.oci]
        max-parallelism = 32
        """);
    daemon = DaemonProcess.over(host, "--config=" + config);
    BridgeConfig usual = BridgeConfig.usual(host.root());
    table = usual.tableName();
    bridge = usual.bridgeName();
  }

  @AfterAll
  void close() throws Exception {
    if (daemon == null) { // null when this machine can not build
      return;
    }
    daemon.close();
    assertEquals(
        List.of(), new MachineLeftovers(host.root().toString()).settled(Deadline.seconds(20)));
    assertEquals(List.of(), groups());
  }

  /** A user who changes his mind after a while. */
  private record Late(CompletableFuture<Void> moment) implements Cancellation {
    static Late after(int millis) {
      return new Late(
          CompletableFuture.runAsync(
              () -> {}, CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS)));
    }

    @Override
    public Registration onCancel(Runnable action) {
      var told = moment.thenRun(action);
      return () -> told.cancel(false);
    }

    @Override
    public boolean cancelled() {
      return moment.isDone();
    }
  }

  /** Stages that run at once; each talks and looks up names until it is ended. */
  private static String stages(int batch) {
    var text = new StringBuilder();
    for (int i = 0; i < STEPS; i++) {
      text.append(
          """
          FROM base AS sSTEP
          RUN echo BATCH-STEP >/f; while :; do \
              nslookup nowhere.invalid; nc -w 1 169.254.169.254 80 </dev/null; \
              nc -w 1 localhost 9 </dev/null; sleep 0.STEP; done
          """
              .replace("STEP", Integer.toString(i))
              .replace("BATCH", Integer.toString(batch)));
    }
    text.append("FROM base\n");
    for (int i = 0; i < STEPS; i++) {
      text.append("COPY --from=s").append(i).append(" /f /f").append(i).append('\n');
    }
    return text.toString();
  }

  private static List<String> flags(int batch) {
    return switch (batch % 4) {
      case 0 -> List.of();
      case 1 -> List.of("--egress=allow=batch" + batch + ".example:443,deny=*");
      case 2 -> List.of("--allow=network.host=127.0.0.1:" + (9000 + batch));
      default -> List.of("--dns=192.0.2.1", "--egress=deny=192.0.2.0/24");
    };
  }

  private List<Path> groups() throws IOException {
    try (Stream<Path> walk = Files.find(Path.of("/sys/fs/cgroup"), 5, (p, a) -> a.isDirectory())) {
      return walk.filter(p -> p.toString().contains("/" + table)).sorted().toList();
    }
  }

  /** How many there are of all that a step has. */
  private Map<String, Long> things() throws IOException, InterruptedException {
    var things = new TreeMap<String, Long>();
    String listed = Commands.exec("nft", "list", "table", "inet", table);
    things.put("elements of steps", (long) count(listed, "02:42:"));
    // The chains of egress rules stay a minute; what leads to them must not.
    things.put("steps with egress rules", (long) count(listed, "goto policy_"));
    things.put("granted ports", (long) count(listed, "127.0.0.1 "));
    try (Stream<Path> links = Files.list(Path.of("/sys/class/net"))) {
      things.put("links", links.filter(l -> l.getFileName().toString().startsWith(bridge)).count());
    }
    things.put("control groups", (long) groups().size());
    things.put("files under run", (long) host.stateFiles("run").size());
    things.put("files under tmp", (long) host.stateFiles("tmp").size());
    Path self = Path.of("/proc", Long.toString(daemon.processId()));
    things.put(
        "mounts",
        Files.readAllLines(self.resolve("mountinfo")).stream()
            .filter(line -> line.contains(host.root().toString()))
            .count());
    try (var children = ProcessHandle.of(daemon.processId()).orElseThrow().descendants()) {
      things.put("processes", children.count());
    }
    long namespaces = 0;
    long files = 0;
    try (var descriptors = Files.newDirectoryStream(self.resolve("fd"))) {
      for (Path descriptor : descriptors) {
        String target = "";
        try {
          target = Files.readSymbolicLink(descriptor).toString();
        } catch (IOException closed) {
          continue;
        }
        namespaces += target.startsWith("net:[") ? 1 : 0;
        files++;
      }
    }
    things.put("namespaces", namespaces);
    things.put("open files, in tens", files / 10);
    return things;
  }

  private static int count(String text, String part) {
    return (text.length() - text.replace(part, "").length()) / part.length();
  }

  private Outcome build(Cancellation cancellation, String dockerfile, List<String> flags)
      throws IOException {
    var args = new ArrayList<String>(List.of("--addr", daemon.address(), "build"));
    args.add("--progress=plain");
    args.addAll(flags);
    args.add(host.context(dockerfile).toString());
    return host.jbuild(cancellation, args.toArray(String[]::new));
  }

  @Test
  void stepsCancelledAtRandomMomentsLeaveNothingBehind() throws Exception {
    for (int batch = 0; batch < 4; batch++) { // what is made once
      build(new Late(new CompletableFuture<>()), "FROM base\nRUN echo warm" + batch, flags(batch))
          .succeeded();
    }
    Deadline.seconds(SETTLED_SECONDS)
        .until(() -> Long.valueOf(LINKS).equals(things().get("links")));
    Map<String, Long> before = things();
    var random = new Random(SEED);
    int ran = 0;
    // Some are cancelled before all of their steps began: others make up for them.
    for (int batch = 0; ran < BATCHES * STEPS && batch < 2 * BATCHES; batch++) {
      int millis = 100 + random.nextInt(LATEST_MILLIS);
      Outcome outcome = build(Late.after(millis), stages(batch), flags(batch)).endedWith(130);
      ran +=
          (int) outcome.err().lines().filter(l -> l.matches("#[0-9]+ .*\\] RUN echo .*")).count();
    }
    assertTrue(ran >= BATCHES * STEPS, "steps that were begun: " + ran);
    Deadline.seconds(SETTLED_SECONDS).until(() -> things().equals(before));
    assertEquals(before, things());
    build(new Late(new CompletableFuture<>()), "FROM base\nRUN echo after", List.of()).succeeded();
  }
}
