package dev.jbuild.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Single ports of the host for isolated steps: exactly those, and for exactly that build. */
@Tag("root")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostPortsIT {
  private final HostServices services = new HostServices();
  private BuildHost host;

  @BeforeAll
  void open(@TempDir Path directory) throws Exception {
    host = BuildHost.withBase(directory);
  }

  @AfterAll
  void close() throws IOException {
    services.close();
  }

  /** The first of some consecutive ports of the loopback that nobody uses now. */
  private static int freePorts(int from, int count) throws Exception {
    String used = Commands.exec("ss", "-Hltn");
    for (int first = from; first < from + 900; first += count) {
      boolean free = true;
      for (int port = first; port < first + count; port++) {
        free &= !used.contains(":" + port + " ");
      }
      if (free) {
        return first;
      }
    }
    throw new AssertionError("no " + count + " free ports from " + from);
  }

  private static String hostsAddress() throws IOException {
    var address =
        NetworkInterface.networkInterfaces()
            .flatMap(NetworkInterface::inetAddresses)
            .filter(each -> each instanceof Inet4Address && !each.isLoopbackAddress())
            .findFirst();
    Assumptions.assumeTrue(
        address.isPresent(), "skipped: an IPv4 address beside the loopback's is missing");
    return address.orElseThrow().getHostAddress();
  }

  @Test
  void grantedPortIsReachedAtLocalhostAndSeesALocalPeer() throws Exception {
    int port = services.tcp("127.0.0.1", "database");
    Outcome outcome =
        host.build(
                "FROM base\nRUN echo said $(nc -w 5 localhost " + port + " </dev/null)\n",
                "--allow=network.host=127.0.0.1:" + port)
            .succeeded();
    assertEquals("database 127.0.0.1\n", said(outcome));
    assertEquals(List.of("tcp 127.0.0.1:" + port + ", N sent, N received"), outcome.network());
  }

  @Test
  void datagramsPassBothWays() throws Exception {
    int port = services.udp("127.0.0.1", "udp");
    Path context =
        host.context(
            """
            FROM base
            COPY root /
            RUN ["bash", "-c", "exec 3<>/dev/udp/127.0.0.1/PORT && echo ping >&3 && head -n 1 <&3 >/udp"]
            """
                .replace("PORT", Integer.toString(port)));
    Commands.copyWithLibraries(Commands.assumed("bash"), context.resolve("root"));
    Path result = host.work().resolve("udp-result");
    host.build(
            context, "--allow=network.host=127.0.0.1:" + port, "--output=type=local,dest=" + result)
        .succeeded();
    assertEquals("udp ping\n", Files.readString(result.resolve("udp")));
  }

  @Test
  void rangeIsGrantedAndTheNextPortIsRefusedAtOnce() throws Exception {
    int first = freePorts(20_000, 4);
    for (int port = first; port < first + 4; port++) {
      services.http("127.0.0.1", port, "at " + (port - first));
    }
    Path result =
        host.exported(
            """
            FROM base
            RUN for p in 0 1 2 3; do timeout 5 wget -q -O - http://localhost:$((FIRST + p))/health \
                || echo "$?"; echo; done >/said
            """
                .replace("FIRST", Integer.toString(first)),
            "--allow=network.host=127.0.0.1:" + first + "-" + (first + 2));
    assertEquals("at 0\nat 1\nat 2\n1\n\n", Files.readString(result.resolve("said")));
  }

  @Test
  void otherAddressesOfTheHostStayClosed() throws Exception {
    String address = hostsAddress();
    int port = services.tcp("0.0.0.0", "everywhere");
    Path result =
        host.exported(
            """
            FROM base
            RUN gateway=$(ip route | sed -n 's/default via \\([0-9.]*\\).*/\\1/p'); \
                for at in 127.0.0.1:PORT ADDRESS:PORT 127.0.0.2:PORT $gateway:OTHER; do \
                timeout 5 nc ${at%:*} ${at#*:} </dev/null || echo closed; done >/said
            """
                .replace("PORT", Integer.toString(port))
                .replace("OTHER", Integer.toString(services.tcp("0.0.0.0", "other")))
                .replace("ADDRESS", address),
            "--allow=network.host=127.0.0.1:" + port);
    assertEquals(
        "everywhere 127.0.0.1\nclosed\nclosed\nclosed\n", Files.readString(result.resolve("said")));
  }

  @Test
  void buildsAtOnceDoNotShareTheirGrants() throws Exception {
    var both = new CountDownLatch(2);
    int[] ports = new int[2];
    for (int i = 0; i < 2; i++) {
      String name = "build " + i;
      ports[i] =
          services.ask(
              () -> {
                both.countDown();
                return both.await(30, TimeUnit.SECONDS) ? name : "alone";
              });
    }
    try (var daemon =
            DaemonProcess.over(
                host, "--allow-insecure-entitlement=network.host=127.0.0.1:1-65535");
        ExecutorService threads = Executors.newFixedThreadPool(2)) {
      var first = threads.submit(() -> ownAndOther(daemon, ports[0], ports[1]));
      var second = threads.submit(() -> ownAndOther(daemon, ports[1], ports[0]));
      assertEquals("build 0\nclosed\nbuild 0\n", first.get(60, TimeUnit.SECONDS));
      assertEquals("build 1\nclosed\nbuild 1\n", second.get(60, TimeUnit.SECONDS));
    }
  }

  private String ownAndOther(DaemonProcess daemon, int own, int other) throws IOException {
    Path context =
        host.context(
            """
            FROM base
            RUN for p in OWN OTHER OWN; do timeout 20 wget -q -O - http://localhost:$p/health \
                || echo -n closed; echo; done | sed 's/^/said /' >&2
            """
                .replace("OWN", Integer.toString(own))
                .replace("OTHER", Integer.toString(other)));
    Outcome outcome =
        host.jbuild(
                "--addr",
                daemon.address(),
                "build",
                "--progress=plain",
                "--allow=network.host=127.0.0.1:" + own,
                context.toString())
            .succeeded();
    return said(outcome);
  }

  /** What the step said, one line each. */
  private static String said(Outcome outcome) {
    return outcome
        .err()
        .lines()
        .filter(line -> line.matches("#[0-9]+ [0-9.]+ said .*"))
        .map(line -> line.replaceFirst(".* said ", "") + "\n")
        .collect(Collectors.joining());
  }

  @Test
  void grantsOfTheDaemonAreScopes() throws Exception {
    int port = freePorts(5000, 1);
    services.http("127.0.0.1", port, "inside the scope");
    try (var daemon =
        DaemonProcess.over(host, "--allow-insecure-entitlement=network.host=127.0.0.1:5000-5999")) {
      Path good =
          host.context(
              "FROM base\nRUN wget -q -O - http://localhost:" + port + "/health && echo\n");
      Outcome inside =
          host.jbuild(
                  "--addr",
                  daemon.address(),
                  "build",
                  "--progress=plain",
                  "--allow=network.host=127.0.0.1:" + port,
                  good.toString())
              .succeeded();
      assertEquals(
          1, inside.err().lines().filter(line -> line.endsWith(" inside the scope")).count());
      for (String outside : List.of("127.0.0.1:6000", "127.0.0.1:5999-6000", "127.0.0.2:5000")) {
        Outcome refused =
            host.jbuild(
                "--addr",
                daemon.address(),
                "build",
                "--allow=network.host=" + outside,
                good.toString());
        refused.endedWith(77);
        String id = "network.host=" + outside;
        assertEquals(
            ("the request needs the entitlement ID, which the daemon does not grant: start the"
                    + " daemon with 'jbuildd --allow-insecure-entitlement ID' or put"
                    + " 'insecure-entitlements = [\"ID\"]' into jbuildd.toml")
                .replace("ID", id),
            refused.error());
      }
    }
  }

  @Test
  void hostGatewayByNameReachesTheGrantedPortAlone() throws Exception {
    int granted = services.http("granted");
    int other = services.http("other");
    Path result =
        host.exported(
            """
            FROM base
            RUN for p in GRANTED OTHER; do \
                timeout 5 wget -q -O - http://host.docker.internal:$p/health || echo -n closed; \
                echo; done >/said
            """
                .replace("GRANTED", Integer.toString(granted))
                .replace("OTHER", Integer.toString(other)),
            "--add-host=host.docker.internal:host-gateway",
            "--allow=network.host=127.0.0.1:" + granted);
    assertEquals("granted\nclosed\n", Files.readString(result.resolve("said")));
  }

  @Test
  void stepOfAnotherBuildHasNoGrant() throws Exception {
    int port = services.http("not for all");
    host.build("FROM base\nRUN ! timeout 5 wget -q -O - http://localhost:" + port + "/health\n")
        .succeeded();
  }
}
