package dev.jbuild.process.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.error.BuildException;
import dev.jbuild.linux.libc.LibcKernel;
import dev.jbuild.process.spec.RuntimeSpec.User;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StepUserTest {
  @TempDir private Path root;

  @BeforeEach
  void write() throws Exception {
    Files.createDirectories(root.resolve("etc"));
    Files.writeString(
        root.resolve("etc/passwd"),
        """
        # comment
        broken:line
        root:x:0:0:root:/root:/bin/sh
        ann:x:1001:1002:Ann:/home/ann:/bin/sh
        1001:x:7:8:digits:/seven:/bin/sh
        nohome:x:9:9::
        bad:x:minus:1:::
        """);
    Files.writeString(
        root.resolve("etc/group"), "wheel:x:10:ann,root\nann:x:1002:\nvideo:x:44:ann,bob\n");
  }

  private StepUser lookUp(String wanted) throws IOException {
    return StepUser.lookUp(new LibcKernel(), root, wanted);
  }

  @Test
  void emptyIsRootWithItsGroups() throws Exception {
    assertEquals(new StepUser(new User(0, 0, List.of(0L, 10L)), "/root"), lookUp(""));
  }

  @Test
  void nameGivesGroupsAndHome() throws Exception {
    assertEquals(
        new StepUser(new User(1001, 1002, List.of(1002L, 10L, 44L)), "/home/ann"), lookUp("ann"));
  }

  @Test
  void nameOfDigitsWinsOverTheNumber() throws Exception {
    assertEquals(new StepUser(new User(7, 8, List.of(8L)), "/seven"), lookUp("1001"));
  }

  @Test
  void numberWithoutAccountHasGroupZero() throws Exception {
    assertEquals(new StepUser(new User(4242, 0, List.of(0L)), "/"), lookUp("4242"));
  }

  @Test
  void givenGroupReplacesAll() throws Exception {
    assertEquals(new StepUser(new User(1001, 44, List.of(44L)), "/home/ann"), lookUp("ann:video"));
    assertEquals(new StepUser(new User(5, 6, List.of(6L)), "/"), lookUp("5:6"));
    assertEquals(
        "group 'none' is not in /etc/group of the image: create it in an earlier step, or give a"
            + " number",
        assertThrows(BuildException.class, () -> lookUp("ann:none")).message());
  }

  @Test
  void accountWithoutHomeIsAtTheRoot() throws Exception {
    assertEquals("/", lookUp("nohome").home());
  }

  @Test
  void imageWithoutAccountsHasRootAndNumbers() throws Exception {
    Files.delete(root.resolve("etc/passwd"));
    Files.delete(root.resolve("etc/group"));
    assertEquals(new StepUser(new User(0, 0, List.of(0L)), "/"), lookUp(""));
    assertThrows(BuildException.class, () -> lookUp("ann"));
  }

  @Test
  void wrongIdIsNamed() {
    assertEquals(
        "user lookup: /etc/passwd of the image has the id 'minus'",
        assertThrows(BuildException.class, () -> lookUp("bad")).message());
  }

  @Test
  void numberOutOfRangeIsNoNumber() {
    assertThrows(BuildException.class, () -> lookUp("4294967295"));
    assertThrows(BuildException.class, () -> lookUp("99999999999"));
    assertThrows(BuildException.class, () -> lookUp("-1"));
  }

  @Test
  void linkOutOfTheImageStaysInside() throws Exception {
    var outside = Files.writeString(root.resolveSibling("outside-passwd"), "eve:x:66:66::/e:/e\n");
    try {
      Files.delete(root.resolve("etc/passwd"));
      Files.createSymbolicLink(root.resolve("etc/passwd"), outside);
      assertThrows(BuildException.class, () -> lookUp("eve"));
    } finally {
      Files.delete(outside);
    }
  }

  @Test
  void accountsThatAreNoFileAreNotRead() throws Exception {
    Files.delete(root.resolve("etc/passwd"));
    Files.createDirectory(root.resolve("etc/passwd"));
    assertThrows(BuildException.class, () -> lookUp("ann"));
  }

  @Test
  void hugeFileIsRefused() throws Exception {
    try (var file = new RandomAccessFile(root.resolve("etc/passwd").toFile(), "rw")) {
      file.setLength((8 << 20) + 1);
    }
    assertEquals(
        "user lookup: /etc/passwd of the image has more than 8388608 bytes",
        assertThrows(BuildException.class, () -> lookUp("ann")).message());
  }
}
