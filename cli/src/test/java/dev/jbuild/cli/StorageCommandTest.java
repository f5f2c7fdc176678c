package dev.jbuild.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jbuild.cli.engine.Engine;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class StorageCommandTest {
  private final FakeEngine engine = new FakeEngine();
  private final CliRig rig = new CliRig(engine, Path.of("/"));

  private void keep(String id, long bytes, boolean inUse) {
    engine.kept.add(
        new Engine.Kept(id, "regular", "RUN x", bytes, inUse, false, Instant.EPOCH, null));
  }

  @Test
  void usageIsATableTheLargestFirst() {
    keep("small", 10, true);
    keep("large", 2_000, false);
    assertEquals(0, rig.run("du", "--filter", "type==regular"));
    assertEquals(
        """
        ID                         TYPE                  RECLAIMABLE  SIZE      DESCRIPTION
        large                      regular               true         2kB       RUN x
        small                      regular               false        10B       RUN x
        Reclaimable: 2kB
        Total: 2.01kB
        """,
        rig.out());
    assertEquals(List.of("usage [type==regular]"), engine.asked);
  }

  @Test
  void pruneSaysWhatIsGone() {
    keep("gone", 1_000, false);
    assertEquals(
        0, rig.run("prune", "--all", "--keep-duration=1h30m", "--keep-storage=2k", "-f", "a==b"));
    assertEquals(
        """
        ID                         TYPE                  RECLAIMABLE  SIZE      DESCRIPTION
        gone                       regular               true         1kB       RUN x
        Total: 1kB
        """,
        rig.out());
    var what = new Engine.Pruning(List.of("a==b"), true, Duration.ofMinutes(90), 2048);
    assertEquals(List.of("prune " + what), engine.asked);
  }

  @Test
  void wrongTimeIsSaid() {
    assertEquals(ExitCode.USAGE, rig.run("prune", "--keep-duration=soon"));
    assertEquals(
        "error: --keep-duration: want a time such as 48h, 30m or 1h30m, got 'soon'",
        rig.err().lines().findFirst().orElse(""));
    assertEquals(List.of(), engine.asked);
  }
}
