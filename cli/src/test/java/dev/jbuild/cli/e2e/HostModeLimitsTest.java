package dev.jbuild.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** A step of the host's network shares that network and nothing else. */
@Tag("root")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostModeLimitsTest {
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
  @DisplayName("S13 the step shares the host's network namespace")
  void networkNamespaceIsTheHosts() throws Exception {
    Path result =
        host.exported("FROM base\nRUN readlink /proc/self/ns/net >/net\n", "--network=host");
    assertEquals(
        Files.readSymbolicLink(Path.of("/proc/self/ns/net")).toString(),
        Files.readString(result.resolve("net")).strip());
  }

  @Test
  @DisplayName("S19 files, processes and host name stay isolated in host mode")
  void otherNamespacesStayIsolated() throws Exception {
    Path result =
        host.exported(
            """
            FROM base
            RUN for n in mnt pid ipc uts; do readlink /proc/self/ns/$n; done >/spaces
            RUN ls -d /proc/[0-9]* | wc -l >/processes
            """,
            "--network=host");
    String spaces = Files.readString(result.resolve("spaces"));
    assertEquals(4, spaces.lines().count(), spaces);
    for (String name : new String[] {"mnt", "pid", "ipc", "uts"}) {
      String own = Files.readSymbolicLink(Path.of("/proc/self/ns", name)).toString();
      assertFalse(spaces.contains(own), () -> own + " in " + spaces);
    }
    int processes = Integer.parseInt(Files.readString(result.resolve("processes")).strip());
    assertTrue(processes <= 5, () -> processes + " processes are seen");
  }

  @Test
  @DisplayName("S20 a step sees the host's listener, but of no process that holds a socket")
  void listenersOfTheHostAreSeenWithoutTheirProcess() throws Exception {
    int port = services.tcp("127.0.0.1", "x");
    Path result = host.exported("FROM base\nRUN netstat -tln >/seen\n", "--network=host");
    String seen = Files.readString(result.resolve("seen"));
    assertTrue(seen.contains("127.0.0.1:" + port + " "), seen);
    Path found =
        host.exported(
            """
            FROM base
            RUN for p in /proc/[0-9]*; do readlink $p/fd/*; done | grep -c socket >/held || true
            """,
            "--network=host");
    assertEquals("0", Files.readString(found.resolve("held")).strip());
  }

  @Test
  @DisplayName("S21 S31 a port that the host uses can not be bound by the step")
  void portOfTheHostIsTaken() throws Exception {
    int port = services.tcp("127.0.0.1", "x");
    Outcome outcome =
        host.build(
                "FROM base\nARG PORT\nRUN httpd -f -p 127.0.0.1:$PORT -h /\n",
                "--network=host",
                "--build-arg=PORT=" + port)
            .endedWith(1);
    assertTrue(outcome.err().contains("Address already in use"), outcome::err);
  }

  @Test
  @DisplayName(
      "S24 a host-mode step changes nothing of the host's network without security.insecure")
  void networkOfTheHostIsNotChanged() throws Exception {
    String name = "jbno" + Long.toString(ProcessHandle.current().pid(), Character.MAX_RADIX);
    String add = "ip link add " + name + " type bridge";
    Outcome outcome = host.build("FROM base\nRUN " + add + "\n", "--network=host").endedWith(2);
    assertTrue(outcome.err().contains("Operation not permitted"), outcome::err);
    assertFalse(Files.exists(Path.of("/sys/class/net", name)));
    host.build(
            "FROM base\nRUN --security=insecure " + add + " && ip link del " + name + "\n",
            "--network=host",
            "--allow=security.insecure")
        .succeeded();
  }

  @Test
  @DisplayName("S25 names are resolved as the host does")
  void resolverIsTheHosts() throws Exception {
    Path result = host.exported("FROM base\nRUN cat /etc/resolv.conf >/dns\n", "--network=host");
    assertEquals(
        Files.readString(Path.of("/etc/resolv.conf")), Files.readString(result.resolve("dns")));
    Path isolated = host.exported("FROM base\nRUN readlink /proc/self/ns/net >/net\n");
    assertNotEquals(
        Files.readSymbolicLink(Path.of("/proc/self/ns/net")).toString(),
        Files.readString(isolated.resolve("net")).strip());
  }
}
