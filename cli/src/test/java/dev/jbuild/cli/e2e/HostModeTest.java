package dev.jbuild.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.network.bridge.BridgeConfig;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Builds with {@code --network=host}: what their steps reach and see. */
@Tag("root")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostModeTest {
  private static final int ATTEMPTS = 20;
  private static final String ASKS_HEALTH =
      """
      FROM base
      ARG PORT
      RUN wget -q -O /health http://localhost:$PORT/health || exit 1
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

  @Test
  @DisplayName("S1 with --network=host a step reaches a service of the host's localhost")
  void stepReachesServiceOfHostsLocalhost() throws Exception {
    int port = services.http("all is well");
    Path result = host.exported(ASKS_HEALTH, "--network=host", "--build-arg=PORT=" + port);
    assertEquals("all is well", Files.readString(result.resolve("health")));
  }

  @Test
  @DisplayName("S2 without the flag the step does not reach it, and the build fails")
  void withoutFlagTheBuildFails() throws Exception {
    int port = services.http("all is well");
    Outcome outcome = host.build(ASKS_HEALTH, "--build-arg=PORT=" + port).endedWith(1);
    assertEquals(
        "process \"/bin/sh -c wget -q -O /health http://localhost:$PORT/health || exit 1\""
            + " did not complete successfully: exit code: 1\nhint: connection refused to localhost:"
            + port
            + " inside the isolated network; the host listens on 127.0.0.1:"
            + port
            + ": add '--allow network.host=127.0.0.1:"
            + port
            + "' or '--network=host'",
        outcome.error());
  }

  @Test
  @DisplayName("S3 the mode applies to every RUN of the build, in every stage")
  void modeAppliesToEveryStep() throws Exception {
    int port = services.http("yes");
    Path result =
        host.exported(
            """
            FROM base AS first
            ARG PORT
            RUN wget -q -O /one http://localhost:$PORT/health
            RUN ["sh", "-c", "wget -q -O /two http://localhost:$PORT/health"]
            FROM base
            ARG PORT
            COPY --from=first /one /two /
            RUN <<SCRIPT
            wget -q -O /three http://localhost:$PORT/health
            SCRIPT
            """,
            "--network=host",
            "--build-arg=PORT=" + port);
    for (String file : new String[] {"one", "two", "three"}) {
      assertEquals("yes", Files.readString(result.resolve(file)), file);
    }
  }

  @Test
  @DisplayName("S4 the mode is given on the build command: build --network=host -t name .")
  void modeIsGivenOnTheBuildCommand() throws Exception {
    int port = services.http("all is well");
    Path context = host.context(ASKS_HEALTH);
    host.jbuild(
            "build",
            "--network=host",
            "--build-arg",
            "PORT=" + port,
            "-t",
            "s4-host-net",
            context.toString())
        .succeeded();
    String images = host.jbuild("images").succeeded().out();
    assertTrue(images.contains("s4-host-net   latest"), images);
  }

  @Test
  @DisplayName("S5 a database's port on the host's loopback accepts a connection from a step")
  void stepConnectsToPortOfHostsLoopback() throws Exception {
    int port = services.tcp("127.0.0.1", "the database greets");
    Path result =
        host.exported(
            """
            FROM base
            ARG PORT
            RUN nc -w 5 localhost $PORT </dev/null >/greeting
            """,
            "--network=host",
            "--build-arg=PORT=" + port);
    assertEquals("the database greets 127.0.0.1\n", Files.readString(result.resolve("greeting")));
  }

  @Test
  @DisplayName("S6 S14 S15 interfaces in the step are the host's, and none was made")
  void interfacesAreTheHosts() throws Exception {
    // Other programs of this machine may change its interfaces meanwhile: asked until none did.
    for (int i = 0; i < ATTEMPTS; i++) {
      String before = Commands.exec("busybox", "ip", "-o", "addr");
      Path result = host.exported("FROM base\nRUN ip -o addr >/" + i + "\n", "--network=host");
      if (before.equals(Commands.exec("busybox", "ip", "-o", "addr"))) {
        assertEquals(before, Files.readString(result.resolve(Integer.toString(i))));
        return;
      }
    }
    throw new AssertionError("the host's interfaces change all the time");
  }

  @Test
  @DisplayName("S7 a step pings the host's loopback and a host outside")
  void stepPingsAsAHostProcess() throws Exception {
    try (var outside = OutsideHost.open()) {
      assertFalse(outside.name().isEmpty());
      Path result =
          host.exported(
              OutsideHost.addressed(
                  """
                  FROM base
                  RUN ping -c 1 -W 5 127.0.0.1 >/near
                  RUN ping -c 1 -W 5 OUTSIDE >/far
                  RUN traceroute -n -m 2 -q 1 -w 3 OUTSIDE >/path
                  """),
              "--network=host");
      for (String file : new String[] {"near", "far"}) {
        String said = Files.readString(result.resolve(file));
        assertTrue(said.contains("1 packets transmitted, 1 packets received"), said);
      }
      String path = Files.readString(result.resolve("path"));
      assertTrue(path.contains(" 1  " + OutsideHost.THERE + " "), path);
    }
  }

  @Test
  @DisplayName("S9 jbuild has no firewall rule while a host-mode step runs")
  void noOwnFirewallRuleApplies() throws Exception {
    var rules = new AtomicReference<String>("");
    int port =
        services.ask(
            () -> {
              rules.set(Commands.exec("nft", "list", "ruleset") + " end of rules");
              return "seen";
            });
    host.build(ASKS_HEALTH, "--network=host", "--build-arg=PORT=" + port).succeeded();
    String seen = String.valueOf(rules.get());
    assertTrue(seen.endsWith(" end of rules"), seen);
    String ours = BridgeConfig.usual(host.root()).bridgeName().substring(2);
    assertFalse(seen.contains(ours), seen);
  }

  @Test
  @DisplayName("S9 a rule of the host that rejects a port applies to host-mode steps")
  void hostsFirewallRuleApplies() throws Exception {
    int port = services.http("all is well");
    String table = "jbuild_test_" + ProcessHandle.current().pid();
    Commands.exec(
        "nft",
        "add table inet %1$s; add chain inet %1$s out { type filter hook output priority 0; };"
                .formatted(table)
            + "add rule inet %s out oifname lo tcp dport %d reject with tcp reset"
                .formatted(table, port));
    try {
      host.build(ASKS_HEALTH, "--network=host", "--build-arg=PORT=" + port).endedWith(1);
    } finally {
      Commands.exec("nft", "delete table inet " + table);
    }
    host.build(ASKS_HEALTH, "--network=host", "--build-arg=PORT=" + port).succeeded();
  }

  @Test
  @DisplayName("S10 a registry on the host's loopback is reachable during the build")
  void registryOfHostsLoopbackIsReachable(@TempDir Path directory) throws Exception {
    try (var registry = LoopbackRegistry.start(directory)) {
      Path result =
          host.exported(
              """
              FROM base
              ARG PORT
              RUN wget -q -O /catalog http://localhost:$PORT/v2/_catalog
              """,
              "--network=host",
              "--build-arg=PORT=" + registry.port());
      assertEquals("{\"repositories\":[]}\n", Files.readString(result.resolve("catalog")));
    }
  }

  @Test
  @DisplayName("S12 a server of a host-mode step is reachable at the host's localhost")
  void serverOfStepIsReachableAtHostsLocalhost() throws Exception {
    int port = HostServices.freePort();
    int watcher =
        services.ask(
            () -> {
              try (var client = HttpClient.newHttpClient()) {
                var page = URI.create("http://localhost:" + port + "/index.html");
                return client
                    .send(HttpRequest.newBuilder(page).build(), BodyHandlers.ofString())
                    .body();
              }
            });
    Path result =
        host.exported(
            """
            FROM base
            ARG PORT WATCHER
            RUN echo 'Hello from host network!' >/index.html && httpd -p 127.0.0.1:$PORT -h / \
                && wget -q -O /heard http://localhost:$WATCHER/health
            """,
            "--network=host",
            "--build-arg=PORT=" + port,
            "--build-arg=WATCHER=" + watcher);
    assertEquals("Hello from host network!\n", Files.readString(result.resolve("heard")));
  }
}
