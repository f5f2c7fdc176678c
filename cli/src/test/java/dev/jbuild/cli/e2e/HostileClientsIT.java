package dev.jbuild.cli.e2e;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients that say what real ones said, with changes, a thousand times between two builds. */
@Tag("root")
@Timeout(7200)
class HostileClientsIT {
  private static final int ROUND = 1000;

  /** Fewer: who breaks the handshake off is waited for by the daemon, for seconds each. */
  private static final int TLS_ROUND = 200;

  private static final int AT_ONCE = 6;
  private static final int DAYS = 2;

  /** Of builds: each has a context and outputs of its own. */
  private static final AtomicInteger NUMBERS = new AtomicInteger();

  private static final long STRIDE = 0x9E3779B97F4A7C15L;

  @TempDir static Path work;
  private static BuildHost host;
  private static DaemonProcess daemon;
  private static URI debug;
  private static Path socket;
  private static Authority authority;
  private static Authority.Pair own;

  @BeforeAll
  static void open() throws Exception {
    host = BuildHost.withBase(work.resolve("hostile-clients"));
    int port = HostServices.freePort();
    authority = Authority.in(work.resolve("authority"));
    own = authority.signed("client", "DNS:client", DAYS);
    Authority.Pair server = authority.signed("server", "DNS:localhost,IP:127.0.0.1", DAYS);
    daemon =
        DaemonProcess.over(
            host,
            "--debugaddr=127.0.0.1:" + port,
            "--addr=tcp://127.0.0.1:0",
            "--tlscert=" + server.cert(),
            "--tlskey=" + server.key(),
            "--tlscacert=" + authority.certificate());
    debug = URI.create("http://127.0.0.1:" + port);
    socket = Path.of(daemon.address().substring("unix://".length()));
  }

  @AfterAll
  static void close() {
    if (daemon != null) { // null when this machine can not build
      daemon.close();
    }
  }

  private static String page(String path) throws IOException, InterruptedException {
    try (var client = HttpClient.newHttpClient()) {
      var asked = HttpRequest.newBuilder(debug.resolve(path)).build();
      return client.send(asked, BodyHandlers.ofString()).body();
    }
  }

  /** Files and threads that the daemon has. */
  private static List<Integer> held() throws IOException, InterruptedException {
    page("/debug/gc");
    Path process = Path.of("/proc", Long.toString(daemon.processId()));
    try (Stream<Path> files = Files.list(process.resolve("fd"))) {
      int threads =
          (int) page("/debug/threads").lines().filter(line -> line.startsWith("#")).count();
      return List.of((int) files.count(), threads);
    }
  }

  private static Path context(int number) throws IOException {
    Path context =
        host.context(
            "FROM base\nCOPY mine /mine\nRUN cat /mine && echo step %d\n".formatted(number));
    Files.writeString(context.resolve("mine"), "of " + number);
    return context;
  }

  private static void build(String address, Path context, Path out) {
    host.jbuild(
            "",
            Map.of(),
            "--addr",
            address,
            "build",
            "--progress=plain",
            "--output=type=local,dest=" + out,
            context.toString())
        .succeeded();
  }

  private static void assertBuilds(int number) throws IOException {
    Path out = work.resolve("out-" + number);
    build(daemon.address(), context(number), out);
    assertEquals("of " + number, Files.readString(out.resolve("mine")));
  }

  private static RecordedConnection recorded(int number) throws IOException {
    Path context = context(number);
    Path between = work.resolve("between-" + number);
    var connection =
        RecordedConnection.of(
            socket,
            between,
            () -> build("unix://" + between, context, work.resolve("recorded-" + number)));
    assertTrue(connection.pieces().size() > 20, "a connection was recorded");
    return connection;
  }

  /** One player's next try, by chance. */
  private interface Try {
    void by(Random random) throws IOException;
  }

  private static List<RecordedConnection> recorded() throws IOException {
    var recorded = new ArrayList<RecordedConnection>();
    for (int i = 0; i < AT_ONCE; i++) {
      recorded.add(recorded(NUMBERS.incrementAndGet())); // each has a session of its own
    }
    return recorded;
  }

  @Test
  void thousandsOfBrokenConversationsHarmNoOtherClient() throws Exception {
    Line.Dial dial = Line.unix(socket);
    var tries = new ArrayList<Try>();
    for (RecordedConnection connection : recorded()) {
      tries.add(random -> connection.changed(random).play(dial));
    }
    assertHarmless(tries, ROUND);
  }

  /** Of each four, one does not get through TLS. */
  @Test
  void hundredsOfBrokenConversationsOverTlsHarmNoOtherClient() throws Exception {
    var listens = Pattern.compile(" listens at tcp:.*:([0-9]+)");
    Commands.await(
        "TLS is served", Duration.ofSeconds(60), () -> listens.matcher(daemon.log()).find());
    Matcher port = listens.matcher(daemon.log());
    assertTrue(port.find(), daemon.log());
    int number = Integer.parseInt(port.group(1));
    SSLContext context = authority.context(own);
    var tries = new ArrayList<Try>();
    for (RecordedConnection connection : recorded()) {
      tries.add(
          random -> {
            if (random.nextInt(4) == 0) {
              BrokenHandshake.by(random, context).play(Line.tcp(number));
            } else {
              connection.changed(random).play(Line.tls(number, context));
            }
          });
    }
    Line.Dial good = Line.tls(number, context);
    assertHarmless(tries, TLS_ROUND);
    try (Line line = good.connect()) {
      line.say("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0".getBytes(US_ASCII));
      assertTrue(line.hear(new byte[100]) > 0, "who does it right is answered");
    }
  }

  private static void assertHarmless(List<Try> tries, int count) throws Exception {
    assertBuilds(NUMBERS.incrementAndGet());
    List<Integer> before = held();
    long first = System.nanoTime();
    long nanos = TimeUnit.SECONDS.toNanos(Long.getLong("jbuild.fuzz.seconds", 0));
    int rounds = 0;
    do {
      round(tries, count, first + rounds);
      rounds++;
      assertBuilds(NUMBERS.incrementAndGet());
    } while (System.nanoTime() - first < nanos);
    boolean settled =
        Deadline.seconds(90)
            .until(
                () -> {
                  List<Integer> now = held();
                  // The few more are of pools, which fill and empty by themselves.
                  return now.get(0) <= before.get(0) + 8 && now.get(1) <= before.get(1) + 4;
                });
    assertTrue(settled, () -> "seed " + first + ": files and threads were " + before);
    String log = daemon.log();
    assertTrue(log.lines().count() < count, () -> "they fill the daemon's log: " + log);
    for (String defect :
        List.of("bug ", "NullPointer", "IndexOutOf", "OutOfMemory", "\tat dev.jbuild.")) {
      assertFalse(log.contains(defect), () -> "seed " + first + ", the daemon's log: " + log);
    }
  }

  private static void round(List<Try> tries, int count, long seed) throws Exception {
    var left = new AtomicInteger(count);
    var failures = new ConcurrentLinkedQueue<Exception>();
    var players = new ArrayList<Thread>();
    for (Try one : tries) {
      players.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    int number;
                    while ((number = left.getAndDecrement()) > 0 && failures.isEmpty()) {
                      try {
                        one.by(new Random(seed + number * STRIDE));
                      } catch (IOException | RuntimeException e) {
                        failures.add(e);
                      }
                    }
                  }));
    }
    for (Thread player : players) {
      player.join();
    }
    assertEquals(List.of(), List.copyOf(failures), "seed " + seed);
  }
}
