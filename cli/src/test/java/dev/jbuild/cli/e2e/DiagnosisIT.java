package dev.jbuild.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What a failed step's network has to do with its failure, by real sockets. */
@Tag("root")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DiagnosisIT {
  private final HostServices services = new HostServices();
  private BuildHost host;
  private OutsideServices outside;

  @BeforeAll
  void open(@TempDir Path directory) throws Exception {
    host = BuildHost.withBase(directory);
    outside = OutsideServices.open(directory);
  }

  @AfterAll
  void close() throws IOException {
    services.close();
    if (outside != null) { // null when this machine can not build
      outside.close();
    }
  }

  /** The hints on a step that fails after this command. */
  private String hints(String command, String... flags) throws IOException {
    var all = new ArrayList<String>(List.of(flags));
    if (all.stream().noneMatch(flag -> flag.startsWith("--dns="))) {
      all.add("--dns=" + OutsideHost.THERE);
    }
    String dockerfile = OutsideHost.addressed("FROM base\nRUN " + command + "; exit 9\n");
    Outcome outcome = host.build(dockerfile, all.toArray(String[]::new)).endedWith(9);
    return String.join("\n", outcome.hints());
  }

  /** The host outside drops what fits. */
  private void drop(String table, String what) throws Exception {
    outside
        .host()
        .sh(
            "nft 'add table inet T; add chain inet T in { type filter hook input priority 0; };"
                    .replace("T", table)
                + " add rule inet "
                + table
                + " in "
                + what
                + " drop'");
  }

  private static String at(Object port, String text) {
    return text.replace("PORT", port.toString());
  }

  private static String unusedPort() throws IOException {
    return Integer.toString(HostServices.freePort());
  }

  @Test
  void hostListensWhereTheIsolatedStepDidNotFindAnybody() throws Exception {
    int port = services.tcp("127.0.0.1", "database");
    assertEquals(
        at(
            port,
            "hint: connection refused to localhost:PORT inside the isolated network; the"
                + " host listens on 127.0.0.1:PORT: add '--allow network.host=127.0.0.1:PORT' or"
                + " '--network=host'"),
        hints("nc -w 2 localhost " + port + " </dev/null"));
  }

  @Test
  void nobodyListensOnTheHostEither() throws Exception {
    String port = unusedPort();
    assertEquals(
        at(
            port,
            "hint: connection refused to localhost:PORT inside the isolated network, and"
                + " nothing listens there on the host either"),
        hints("nc -w 2 localhost " + port + " </dev/null"));
  }

  @Test
  void nobodyListensAtAGrantedPort() throws Exception {
    String port = unusedPort();
    assertEquals(
        at(
            port,
            "hint: connection refused to localhost:PORT, which is granted: nothing listens"
                + " on the host at 127.0.0.1:PORT"),
        hints(
            "nc -w 2 localhost " + port + " </dev/null", "--allow=network.host=127.0.0.1:" + port));
  }

  @Test
  void nobodyListensOnTheHostInHostMode() throws Exception {
    String port = unusedPort();
    assertEquals(
        "hint: connection refused to localhost:" + port + ": nothing listens there on the host",
        hints("nc -w 2 127.0.0.1 " + port + " </dev/null", "--network=host"));
  }

  @Test
  void hostListensWhereAStepWithoutNetworkAsked() throws Exception {
    int port = services.tcp("127.0.0.1", "database");
    assertEquals(
        at(
            port,
            "hint: connection refused to localhost:PORT inside the step, which has no"
                + " network (--network=none); the host listens on 127.0.0.1:PORT: use the default"
                + " network with '--allow network.host=127.0.0.1:PORT', or '--network=host'"),
        hints("nc -w 2 127.0.0.1 " + port + " </dev/null", "--network=none"));
  }

  @Test
  void stepWithoutNetworkWantedOne() throws Exception {
    assertEquals(
        "hint: the step has no network (--network=none)",
        hints("nc -w 2 OUTSIDE 8000 </dev/null", "--network=none"));
    assertEquals(
        "hint: names cannot be resolved: the step has no network (--network=none)",
        hints("wget http://files.example/", "--network=none"));
  }

  @Test
  void nameDoesNotExistAndTheResolverSaysSo() throws Exception {
    assertEquals(
        OutsideHost.addressed(
            "hint: name nowhere.example not found: the resolver OUTSIDE says that it does"
                + " not exist (NXDOMAIN)"),
        hints("wget -q http://nowhere.example:8000/"));
  }

  @Test
  void resolverDoesNotAnswer() throws Exception {
    drop("mute", "ip daddr " + OutsideHost.ALSO_THERE + " udp dport 53");
    assertEquals(
        "hint: name files.example not resolved: the resolver ADDRESS did not answer in time"
            .replace("ADDRESS", OutsideHost.ALSO_THERE),
        hints("timeout 7 nslookup -type=a files.example", "--dns=" + OutsideHost.ALSO_THERE));
  }

  @Test
  void thereIsNoResolverAtAll() throws Exception {
    Path empty = Files.createFile(host.work().resolve("empty.conf"));
    try (var daemon = DaemonProcess.seeing(empty, "/etc/resolv.conf", host)) {
      Path context = host.context("FROM base\nRUN wget -q http://files.example/\n");
      Outcome outcome =
          host.jbuild("--addr", daemon.address(), "build", context.toString()).endedWith(1);
      assertEquals(
          List.of(
              "hint: name files.example not resolved: there is no resolver; it comes from the"
                  + " host's /etc/resolv.conf, from '--dns <address>' or from [dns] of the"
                  + " daemon's configuration"),
          outcome.hints());
    }
  }

  @Test
  void serverDoesNotAnswer() throws Exception {
    drop("deaf", "tcp dport 81");
    assertEquals(
        OutsideHost.addressed("hint: no answer from OUTSIDE:81 (files.example)"),
        hints("nc -w 1 files.example 81 </dev/null"));
  }

  @Test
  void hostIsNotReachedAtItsAddressButAtAGrantedPort() throws Exception {
    int port = services.tcp("127.0.0.1", "database");
    assertEquals(
        OutsideHost.addressed(
            at(
                port,
                "hint: connection to HERE:PORT refused: isolated steps do not reach the"
                    + " host; it listens on 127.0.0.1:PORT: add '--allow"
                    + " network.host=127.0.0.1:PORT' and connect to localhost:PORT, or"
                    + " '--network=host'")),
        hints("nc -w 2 HERE " + port + " </dev/null"));
    String unused = unusedPort();
    assertEquals(
        OutsideHost.addressed(
            "hint: connection to HERE:"
                + unused
                + " refused: isolated steps do not reach the host, and nothing listens there"),
        hints("nc -w 2 HERE " + unused + " </dev/null"));
  }

  @Test
  void metadataAddressesAreRefusedByName() throws Exception {
    assertEquals(
        "hint: connection to 169.254.169.254:80 refused: isolated steps do not reach link-local and"
            + " metadata addresses; only '--network=host' does",
        hints("nc -w 2 169.254.169.254 80 </dev/null"));
  }

  @Test
  void nothingIsSaidWithoutEvidence() throws Exception {
    assertEquals("", hints("wget -q -O /dev/null http://OUTSIDE:8000/file"));
    assertEquals("", hints("true"));
  }
}
