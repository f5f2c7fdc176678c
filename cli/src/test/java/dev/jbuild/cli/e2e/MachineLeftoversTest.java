package dev.jbuild.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Leaves things behind on purpose, and takes them away again. */
@Tag("root")
class MachineLeftoversTest {
  private final String mark = "made-up-" + UUID.randomUUID();
  private final MachineLeftovers machine = new MachineLeftovers(mark);

  @BeforeEach
  void needsRoot() {
    assumeTrue("root".equals(System.getProperty("user.name")), "not root: nothing can be left");
    Commands.assumed("nft");
    Commands.assumed("ip");
  }

  private List<String> of(String kind) throws IOException, InterruptedException {
    return machine.now().stream().filter(line -> line.startsWith(kind)).toList();
  }

  @Test
  void aMountIsFound(@TempDir Path directory) throws Exception {
    Path at = Files.createDirectory(directory.resolve(mark));
    Commands.exec("mount", "-t", "tmpfs", "none", at.toString());
    try {
      assertEquals(1, of("mount ").size());
      assertTrue(machine.settled(Deadline.seconds(0)).toString().contains("mount " + at));
    } finally {
      Commands.exec("umount", at.toString());
    }
    assertEquals(List.of(), of("mount "));
  }

  @Test
  void aProcessIsFound() throws Exception {
    Process process = new ProcessBuilder("sh", "-c", "sleep 100; : " + mark).start();
    try {
      assertTrue(of("process " + process.pid()).size() == 1);
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly().waitFor();
    }
    assertEquals(List.of(), of("process "));
  }

  @Test
  void aNamespaceThatShowsAMountIsFound(@TempDir Path directory) throws Exception {
    Path at = Files.createDirectory(directory.resolve(mark));
    Commands.exec("mount", "-t", "tmpfs", "none", at.toString());
    Process process = new ProcessBuilder("unshare", "--mount", "sleep", "100").start();
    try {
      assertTrue(Deadline.seconds(10).until(() -> !of("namespace ").isEmpty()));
    } finally {
      Commands.exec("umount", at.toString());
      process.destroyForcibly().waitFor();
    }
  }

  @Test
  void anInterfaceOfNobodyIsFound() throws Exception {
    Commands.exec("ip", "link", "add", "jbfedcba98", "type", "veth");
    try {
      assertEquals(List.of("interface jbfedcba98"), of("interface jbfedcba98"));
    } finally {
      Commands.exec("ip", "link", "del", "jbfedcba98");
    }
    assertEquals(List.of(), of("interface jbfedcba98"));
  }

  @Test
  void anInterfaceOfAnotherStateDirectoryIsNotTold(@TempDir Path directory) throws Exception {
    Commands.exec("ip", "link", "add", "jbfedcba97", "type", "veth");
    try {
      Commands.exec("ip", "link", "set", "jbfedcba97", "alias", "jbuild, steps of " + directory);
      assertEquals(List.of(), of("interface jbfedcba97"));
    } finally {
      Commands.exec("ip", "link", "del", "jbfedcba97");
    }
  }

  @Test
  void aTableOfThePacketFilterIsFound() throws Exception {
    Commands.exec("nft", "add table inet jbuild_fedcba96");
    try {
      assertEquals(List.of("nft table inet jbuild_fedcba96"), of("nft table inet jbuild_fedcba96"));
    } finally {
      Commands.exec("nft", "delete table inet jbuild_fedcba96");
    }
  }

  @Test
  void anEmptyControlGroupIsFound() throws Exception {
    Path hierarchy = groups();
    Path group = hierarchy.resolve("jbuild").resolve(mark);
    Files.createDirectories(group);
    try {
      assertFalse(of("control group " + group).isEmpty());
    } finally {
      Files.delete(group);
    }
  }

  /** A hierarchy that can be written: the unified one, else one of the first version. */
  private static Path groups() {
    for (String name : List.of("", "pids", "memory", "cpu", "unified")) {
      Path hierarchy = Path.of("/sys/fs/cgroup", name);
      if (Files.exists(hierarchy.resolve("cgroup.procs")) && Files.isWritable(hierarchy)) {
        return hierarchy;
      }
    }
    assumeTrue(false, "no control group can be made here: /sys/fs/cgroup is not writable");
    throw new IllegalStateException();
  }
}
