package dev.jbuild.process.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The program and the shell in its place do the same, here with plain files for a group. */
@Timeout(30)
class JoinProgramTest {
  private static final String[] COMMAND = {"/bin/sh", "-c", "echo \"$1 $WORD\"", "sh", "a b"};

  @TempDir private Path directory;
  private Path group = Path.of("");

  @BeforeEach
  void makeGroup() throws Exception {
    group = Files.createDirectory(directory.resolve("group"));
  }

  private List<String> before(String way) {
    return way.equals("shell")
        ? JoinProgram.byShell(group)
        : JoinProgram.prepare(directory).before(group);
  }

  private static String run(List<String> before, String... command) throws Exception {
    var words = new ArrayList<>(before);
    words.addAll(List.of(command));
    var builder = new ProcessBuilder(words).redirectErrorStream(true);
    builder.environment().put("WORD", "word");
    var process = builder.start();
    try {
      var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      process.waitFor(10, TimeUnit.SECONDS);
      return process.exitValue() + " " + said;
    } finally {
      process.destroyForcibly();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"program", "shell"})
  void commandRunsInTheGroupThatTakesThreads(String way) throws Exception {
    Files.createFile(group.resolve("cgroup.threads"));
    Files.createFile(group.resolve("cgroup.procs"));
    assertEquals("0 a b word\n", run(before(way), COMMAND));
    assertEquals("0", Files.readString(group.resolve("cgroup.threads")).strip());
    assertEquals("", Files.readString(group.resolve("cgroup.procs")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"program", "shell"})
  void processMovesWhereThreadsCannot(String way) throws Exception {
    Files.createDirectory(group.resolve("cgroup.threads"));
    Files.createFile(group.resolve("cgroup.procs"));
    assertEquals("0 a b word\n", run(before(way), COMMAND));
    assertEquals("0", Files.readString(group.resolve("cgroup.procs")).strip());
  }

  @ParameterizedTest
  @ValueSource(strings = {"program", "shell"})
  void commandDoesNotRunOutsideOfTheGroup(String way) throws Exception {
    Files.createDirectory(group.resolve("cgroup.threads"));
    Files.createDirectory(group.resolve("cgroup.procs"));
    assertEquals(
        "125 jbuild: the step's control group can not be joined, or its runtime not be started\n",
        run(before(way), COMMAND));
  }
}
