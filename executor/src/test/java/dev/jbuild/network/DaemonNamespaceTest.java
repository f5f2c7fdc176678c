package dev.jbuild.network;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DaemonNamespaceTest {
  private static final String MACHINE_PIDS = "pid:[4026531836]";

  @TempDir Path proc;

  @BeforeEach
  void directories() throws IOException {
    Files.createDirectories(proc.resolve("self/ns"));
    Files.createDirectories(proc.resolve("1/ns"));
  }

  private void link(String name, String target) throws IOException {
    Files.createSymbolicLink(proc.resolve(name), Path.of(target));
  }

  @Test
  void theNetworkOfProcessOneIsNothingToSay() throws IOException {
    link("self/ns/net", "net:[1]");
    link("1/ns/net", "net:[1]");
    link("self/ns/pid", MACHINE_PIDS);
    assertEquals("", DaemonNamespace.notice(proc));
  }

  @Test
  void anotherNetworkThanTheMachinesIsSaid() throws IOException {
    link("self/ns/net", "net:[2]");
    link("1/ns/net", "net:[1]");
    link("self/ns/pid", MACHINE_PIDS);
    assertEquals(
        "the host network of this step is that of the daemon's network namespace, not of the"
            + " machine: localhost, interfaces and ports are those of the namespace",
        DaemonNamespace.notice(proc));
  }

  @Test
  void insideOfAContainerOnlyTheDifferenceIsSaid() throws IOException {
    link("self/ns/net", "net:[2]");
    link("1/ns/net", "net:[1]");
    link("self/ns/pid", "pid:[4026532000]");
    assertEquals(
        "the host network of this step is that of the daemon's network namespace, which is not"
            + " that of process 1 here, the first of a container: localhost, interfaces and ports"
            + " are those of the namespace",
        DaemonNamespace.notice(proc));
  }

  @Test
  void whatCanNotBeReadIsNothingToSay() throws IOException {
    link("self/ns/net", "net:[2]");
    link("self/ns/pid", MACHINE_PIDS);
    assertEquals("", DaemonNamespace.notice(proc));
  }
}
