package dev.jbuild.cli.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.cli.build.OutputSpec;
import dev.jbuild.error.BuildException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlanOutputsTest {
  @TempDir Path work;
  private final ByteArrayOutputStream stdout = new ByteArrayOutputStream();

  private PlanOutputs outputs(String destination) {
    return new PlanOutputs(List.of(new OutputSpec("oci", Map.of(), destination)), work, stdout);
  }

  private static void write(PlanOutputs outputs) throws IOException {
    try (var out = outputs.openFile(0)) {
      out.write("bytes".getBytes(StandardCharsets.UTF_8));
    }
  }

  @Test
  void aFileAppearsWhenTheBuildHasSucceeded() throws IOException {
    try (var outputs = outputs("sub/out.tar")) {
      write(outputs);
      assertFalse(Files.exists(work.resolve("sub/out.tar")));
      outputs.commit();
    }
    assertEquals("bytes", Files.readString(work.resolve("sub/out.tar")));
    try (var left = Files.list(work.resolve("sub"))) {
      assertEquals(1, left.count());
    }
  }

  @Test
  void aFailedBuildLeavesTheFileAsItWas() throws IOException {
    Files.writeString(work.resolve("out.tar"), "before");
    try (var outputs = outputs("out.tar")) {
      write(outputs);
    }
    assertEquals("before", Files.readString(work.resolve("out.tar")));
    try (var left = Files.list(work)) {
      assertEquals(1, left.count());
    }
  }

  @Test
  void standardOutputIsNotClosed() throws IOException {
    try (var outputs = outputs("-")) {
      write(outputs);
      write(outputs);
    }
    assertEquals("bytesbytes", stdout.toString(StandardCharsets.UTF_8));
  }

  @Test
  void aDirectoryIsMade() throws IOException {
    try (var outputs = outputs("tree/deep")) {
      assertEquals(work.resolve("tree/deep"), outputs.directory(0));
    }
    assertTrue(Files.isDirectory(work.resolve("tree/deep")));
  }

  @Test
  void whatTheClientDoesNotExpectIsRefused() {
    try (var outputs = outputs("x")) {
      var e = assertThrows(BuildException.class, () -> outputs.openFile(1));
      assertEquals("the client expects nothing of output 1", e.message());
    }
  }

  private PlanOutputs directory(String mode) {
    var output = new OutputSpec("local", Map.of("mode", mode), "out");
    return new PlanOutputs(List.of(output), work, stdout);
  }

  @Test
  void filesAreDeletedOnlyWhereTheUserAskedForIt() throws Exception {
    Files.createDirectory(work.resolve("out"));
    Files.writeString(work.resolve("out/mine"), "mine");
    try (var outputs = directory("copy")) {
      assertEquals(
          "--output: the daemon wants to delete files of 'out', unasked",
          assertThrows(BuildException.class, () -> outputs.openWhole(0)).message());
      outputs.openTree(0).close();
    }
    assertEquals("mine", Files.readString(work.resolve("out/mine")));
    try (var outputs = directory("delete");
        var tree = outputs.openWhole(0)) {
      Files.writeString(tree.path().resolve("new"), "new");
      tree.complete();
    }
    assertFalse(Files.exists(work.resolve("out/mine")));
    assertEquals("new", Files.readString(work.resolve("out/new")));
  }

  @Test
  void aDaemonThatDoesNotKnowTheModeWritesNothing() throws Exception {
    try (var outputs = directory("delete")) {
      assertEquals(
          "--output: the daemon does not know mode=delete: 'out' stays as it is",
          assertThrows(BuildException.class, () -> outputs.openTree(0)).message());
    }
    assertFalse(Files.exists(work.resolve("out")));
  }
}
