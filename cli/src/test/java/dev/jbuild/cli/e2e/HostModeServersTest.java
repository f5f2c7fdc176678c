package dev.jbuild.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.network.bridge.BridgeConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Steps with {@code --network=host} that serve, as seen from the host and from outside. */
@Tag("root")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostModeServersTest {

  /** Serves a page at AT, and asks the test, by the watcher, to look at it meanwhile. */
  private static final String SERVES =
      """
      FROM base
      ARG AT WATCHER
      RUN echo 'Hello from host network!' >/index.html && httpd -p $AT -h / \
          && wget -q -O /heard http://localhost:$WATCHER/health
      """;

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

  private String heard(String at, int watcher) throws IOException {
    Path result =
        host.exported(
            SERVES, "--network=host", "--build-arg=AT=" + at, "--build-arg=WATCHER=" + watcher);
    return Files.readString(result.resolve("heard"));
  }

  private static String page(String address, int port) throws Exception {
    try (var client = HttpClient.newHttpClient()) {
      var page = URI.create("http://" + address + ":" + port + "/index.html");
      return client
          .send(HttpRequest.newBuilder(page).build(), BodyHandlers.ofString())
          .body()
          .strip();
    }
  }

  @Test
  @DisplayName("S16 what a step binds is reachable at the host's address and at localhost")
  void serverIsReachableAtAddressAndLocalhost() throws Exception {
    int port = HostServices.freePort();
    try (var outside = OutsideHost.open()) {
      int watcher =
          services.ask(
              () ->
                  page("localhost", port)
                      + " "
                      + outside
                          .sh(
                              "busybox wget -q -O - http://"
                                  + OutsideHost.HERE
                                  + ":"
                                  + port
                                  + "/index.html")
                          .strip());
      assertEquals(
          "Hello from host network! Hello from host network!",
          heard(Integer.toString(port), watcher));
    }
  }

  @Test
  @DisplayName("S22 two steps use one port on two of the host's addresses, each answers on its own")
  void onePortOnTwoAddresses() throws Exception {
    int port = HostServices.freePort();
    int listeners =
        services.ask(
            () ->
                page("127.0.0.2", port)
                    + " "
                    + page("127.0.0.3", port)
                    + " "
                    + Commands.sh("busybox netstat -tln")
                        .lines()
                        .filter(l -> l.contains(":" + port))
                        .count());
    Path result =
        host.exported(
            """
            FROM base
            ARG PORT WATCHER
            RUN mkdir /one /two && echo one >/one/index.html && echo two >/two/index.html
            RUN httpd -p 127.0.0.2:$PORT -h /one && httpd -p 127.0.0.3:$PORT -h /two \
                && wget -q -O /heard http://localhost:$WATCHER/health
            """,
            "--network=host",
            "--build-arg=PORT=" + port,
            "--build-arg=WATCHER=" + listeners);
    assertEquals("one two 2", Files.readString(result.resolve("heard")));
  }

  @Test
  @DisplayName("S23 a firewall that drops by default keeps blocking until the operator adds a rule")
  void hostsDropPolicyHolds() throws Exception {
    int port = HostServices.freePort();
    String table = "jbuild_drop_" + ProcessHandle.current().pid();
    String ask =
        "timeout 3 busybox wget -q -O - http://" + OutsideHost.HERE + ":" + port + "/index.html";
    try (var outside = OutsideHost.open()) {
      Commands.exec(
          "nft",
          "add table inet %1$s; add chain inet %1$s in { type filter hook input priority 0; };"
                  .formatted(table)
              + "add rule inet %s in iifname %s meta l4proto tcp drop"
                  .formatted(table, outside.device()));
      int watcher =
          services.ask(
              () -> {
                String before = outside.sh(ask + " || echo blocked").strip();
                Commands.exec(
                    "nft",
                    "insert rule inet %s in iifname %s tcp dport %d accept"
                        .formatted(table, outside.device(), port));
                return before + ", then " + outside.sh(ask).strip();
              });
      try {
        assertEquals(
            "blocked, then Hello from host network!", heard(Integer.toString(port), watcher));
      } finally {
        Commands.exec("nft", "delete table inet " + table);
      }
    }
  }

  @Test
  @DisplayName("S24 only a step without confinement changes the host's firewall")
  void onlyInsecureStepsChangeTheFirewall() throws Exception {
    String table = "jbuild_inside_" + ProcessHandle.current().pid();
    Path context =
        host.context(
            """
            # syntax=docker/dockerfile:1
            FROM base
            ARG TABLE
            COPY root /
            RUN nft add table inet $TABLE && exit 5 || echo refused >/first
            RUN --security=insecure nft add table inet $TABLE && nft list tables >/second \
                && nft delete table inet $TABLE
            """);
    Commands.copyWithLibraries(Commands.assumed("nft"), context.resolve("root"));
    Path result = host.work().resolve("s24-result");
    host.build(
            context,
            "--network=host",
            "--allow=security.insecure",
            "--build-arg=TABLE=" + table,
            "--output=type=local,dest=" + result)
        .succeeded();
    assertEquals("refused\n", Files.readString(result.resolve("first")));
    String tables = Files.readString(result.resolve("second"));
    assertTrue(tables.contains("table inet " + table), tables);
  }

  @Test
  @DisplayName("S26 host mode has no NAT rule and no process per port")
  void neitherTranslationNorProxy() throws Exception {
    int port = HostServices.freePort();
    String bridge = BridgeConfig.usual(host.root()).bridgeName();
    int watcher =
        services.ask(
            () -> {
              boolean rules = Commands.exec("nft", "list", "ruleset").contains(bridge);
              String holder = Commands.sh("ss -Htlnp 'sport = :" + port + "' 2>/dev/null || true");
              return rules + " " + holder.lines().count() + " " + holder.contains("\"httpd\"");
            });
    assertEquals("false 1 true", heard(Integer.toString(port), watcher));
  }

  @Test
  @DisplayName("S29 text typed into nc on the host appears in the step that listens")
  void typedTextAppearsInTheStep() throws Exception {
    int port = HostServices.freePort();
    int watcher =
        services.ask(
            () -> {
              Commands.await(
                  "the step listens",
                  Duration.ofSeconds(20),
                  () -> Commands.sh("busybox netstat -tln").contains(":" + port));
              try (var typed = new Socket(InetAddress.getLoopbackAddress(), port)) {
                typed
                    .getOutputStream()
                    .write("typed on the host\n".getBytes(StandardCharsets.UTF_8));
              }
              return "typed";
            });
    Outcome outcome =
        host.build(
                """
                FROM base
                ARG PORT WATCHER
                RUN (wget -q -O /dev/null http://localhost:$WATCHER/health &) ; \
                    timeout 30 nc -l -p $PORT
                """,
                "--network=host",
                "--build-arg=PORT=" + port,
                "--build-arg=WATCHER=" + watcher)
            .succeeded();
    assertTrue(outcome.err().contains(" typed on the host\n"), outcome.err());
  }

  @Test
  @DisplayName("S30 TCP and UDP servers of the host are reached from a host-mode step")
  void bothProtocolsReachTheHost() throws Exception {
    int tcp = services.tcp("127.0.0.1", "tcp");
    int udp = services.udp("127.0.0.1", "udp");
    Path context =
        host.context(
            """
            FROM base
            ARG TCP UDP
            COPY root /
            RUN nc -w 5 localhost $TCP </dev/null >/tcp
            RUN ["bash", "-c", "exec 3<>/dev/udp/127.0.0.1/$UDP && echo ping >&3 && head -n 1 <&3 >/udp"]
            """);
    Commands.copyWithLibraries(Commands.assumed("bash"), context.resolve("root"));
    Path result = host.work().resolve("s30-result");
    host.build(
            context,
            "--network=host",
            "--build-arg=TCP=" + tcp,
            "--build-arg=UDP=" + udp,
            "--output=type=local,dest=" + result)
        .succeeded();
    assertEquals("tcp 127.0.0.1\n", Files.readString(result.resolve("tcp")));
    assertEquals("udp ping\n", Files.readString(result.resolve("udp")));
  }
}
