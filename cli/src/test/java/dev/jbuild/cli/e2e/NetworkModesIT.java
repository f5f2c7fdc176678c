package dev.jbuild.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The modes as they are said on the command line and per step, and the names in each. */
@Tag("root")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NetworkModesIT {
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
  @DisplayName("S35 S38 an isolated step inside a host-mode build has the bridge")
  void isolatedStepInsideAHostModeBuild() throws Exception {
    int port = services.http("the host");
    Path result =
        host.exported(
            """
            FROM base
            RUN timeout 5 wget -q -O /host http://localhost:PORT/health
            RUN --network=isolated ls /sys/class/net >/isolated; \
                timeout 5 wget -q -O - http://localhost:PORT/health >>/isolated; true
            RUN --network=none ls /sys/class/net >/none
            RUN --network=host timeout 5 wget -q -O /again http://localhost:PORT/health
            """
                .replace("PORT", Integer.toString(port)),
            "--network=host");
    assertEquals("the host", Files.readString(result.resolve("host")));
    assertEquals("eth0\nlo\n", Files.readString(result.resolve("isolated")));
    assertEquals("the host", Files.readString(result.resolve("again")));
  }

  @Test
  @DisplayName("S35 default and bridge are one mode, isolated from the host")
  void defaultAndBridgeAreOneMode() throws Exception {
    for (String flag : List.of("--network=default", "--network=bridge")) {
      Path result = host.exported("FROM base\nRUN ls /sys/class/net >/net # " + flag + "\n", flag);
      assertEquals("eth0\nlo\n", Files.readString(result.resolve("net")));
    }
  }

  @Test
  void joiningAContainerIsRefused() throws Exception {
    assertEquals(
        "--network: joining a container's network ('container:db') comes with networks by name and"
            + " is not offered yet; for a port that the container publishes on the host use"
            + " --allow network.host=127.0.0.1:PORT, for all of the host --network=host",
        refused("--network=container:db"));
  }

  @Test
  void networksByNameAreRefused() throws Exception {
    assertEquals(
        "--network: 'backend' would be a network by name, and networks by name are not offered"
            + " yet; use default, bridge, host or none",
        refused("--network=backend"));
    assertEquals(
        "--network: 'isolated' is a word of RUN; here the isolated network is 'bridge', the default",
        refused("--network=isolated"));
  }

  private String refused(String flag) throws IOException {
    List<String> lines =
        host.build("FROM base\nRUN echo never\n", flag).endedWith(64).error().lines().toList();
    assertEquals(List.of("see 'jbuild build --help'"), lines.subList(1, lines.size()));
    return lines.getFirst();
  }

  @Test
  void otherModesOfAStepAreRefused() throws Exception {
    assertEquals(
        "Dockerfile:2: unknown network mode 'container:db' for RUN, want default, none, host or"
            + " isolated",
        host.build("FROM base\nRUN --network=container:db echo never\n").endedWith(65).error());
  }

  /** The lines of a step's hosts file that are about these names, in one line. */
  private String hosts(String flag) throws IOException {
    Path result =
        host.exported(
            "FROM base\nRUN grep -E 'colon|equals|six|gate' /etc/hosts >/hosts; true # "
                + flag
                + "\n",
            flag,
            "--no-cache",
            "--add-host=colon:192.0.2.7",
            "--add-host=equals=192.0.2.8",
            "--add-host=six:[2001:db8::7]",
            "--add-host=gate:host-gateway");
    return Files.readString(result.resolve("hosts")).replaceAll("[ \t]+", " ");
  }

  @Test
  void addedHostsAreKnownInEachMode() throws Exception {
    String addresses = "192.0.2.7 colon\n192.0.2.8 equals\n2001:db8::7 six\n";
    String bridge = hosts("--network=default");
    assertTrue(bridge.startsWith(addresses), bridge);
    String gateway = bridge.substring(addresses.length()).lines().findFirst().orElse("");
    assertTrue(gateway.endsWith(" gate"), bridge);
    assertTrue(InetAddress.ofLiteral(gateway.split(" ", 2)[0]).isSiteLocalAddress(), gateway);
    assertEquals(addresses + "127.0.0.1 gate\n", hosts("--network=host"));
    assertEquals(
        addresses + "# no host-gateway in this network for gate\n", hosts("--network=none"));
  }

  @Test
  void addedHostsThatCannotBeAreRefused() throws Exception {
    assertEquals("--add-host: want name:ip or name=ip, got 'db'", refused("--add-host=db"));
    assertEquals(
        "--add-host: 'nowhere' in 'db:nowhere' is not an IP address, nor 'host-gateway' for the"
            + " host as the step sees it",
        refused("--add-host=db:nowhere"));
  }

  @Test
  @DisplayName("S25 search list and options of the build stand in the step's resolv.conf")
  void searchListAndOptionsAreVisible() throws Exception {
    for (String mode : List.of("default", "host")) {
      Path result =
          host.exported(
              "FROM base\nRUN cat /etc/resolv.conf >/resolv # " + mode + "\n",
              "--network=" + mode,
              "--dns=192.0.2.53",
              "--dns-search=corp.example,lab.example",
              "--dns-option=ndots:2",
              "--dns-option=timeout:1");
      List<String> lines = Files.readAllLines(result.resolve("resolv"));
      assertTrue(lines.contains("search corp.example lab.example"), lines.toString());
      assertTrue(lines.contains("options ndots:2 timeout:1"), lines.toString());
      boolean theirs = lines.contains("nameserver 192.0.2.53");
      assertEquals(mode.equals("host"), theirs, lines.toString());
    }
  }

  @Test
  void searchListIsUsedByTheStep(@TempDir Path directory) throws Exception {
    try (var outside = OutsideServices.open(directory)) {
      assertTrue(!outside.host().name().isEmpty());
      Path result =
          host.exported(
              "FROM base\nRUN timeout 5 wget -q -O /file http://files:8000/file\n",
              "--dns=" + OutsideHost.THERE,
              "--dns-search=example",
              "--dns-option=ndots:1");
      assertEquals(OutsideServices.FILE_BYTES, Files.size(result.resolve("file")));
    }
  }
}
