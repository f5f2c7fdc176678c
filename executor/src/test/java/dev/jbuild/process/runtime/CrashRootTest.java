package dev.jbuild.process.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.process.RunnerFixture;
import dev.jbuild.process.StepRequests;
import dev.jbuild.process.runtime.RuntimeConfig.Preference;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A process that is killed with steps running leaves nothing, with and without its watchdog. */
@Tag("root")
@Timeout(180)
class CrashRootTest {
  /** A second on a machine of its own; tests share theirs. */
  private static final long BOUND_MILLIS = 15_000;

  private static final long START_MILLIS = 60_000;

  @TempDir private Path directory;
  private @Nullable Process started;

  @BeforeEach
  void needTools() {
    RuntimeTools.assume("crun");
  }

  private Path run() {
    return directory.resolve("state/run");
  }

  private boolean clean() {
    try {
      return Leftovers.of(run()).isEmpty() && !Files.exists(run().resolve(".watchdog"));
    } catch (NoSuchFileException vanishing) {
      return false; // it was being removed while it was looked at
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  @Test
  void watchdogEndsTheStepsOfAKilledProcess() throws Exception {
    var probe = probe("(setsid sleep 90020 &); sleep 90020");
    Eventually.await("runs", START_MILLIS, () -> Probes.with("90020").size() == 2);
    probe.destroyForcibly();
    Eventually.await("killed", BOUND_MILLIS, () -> Probes.with("90020").isEmpty());
    Eventually.await("clean", BOUND_MILLIS, this::clean);
    assertEquals(List.of(), mounts());
  }

  @Test
  void watchdogEndsAStepThatIsJustStarting() throws Exception {
    var probe = probe("sleep 90021");
    Eventually.await("starts", START_MILLIS, this::anyBundle);
    probe.destroyForcibly();
    Eventually.await("clean", BOUND_MILLIS, this::clean);
    assertEquals(List.of(), Probes.with("90021"));
    assertEquals(List.of(), mounts());
  }

  private boolean anyBundle() {
    return Files.exists(run().resolve("t1/config.json"));
  }

  @Test
  void recoveryEndsWhatIsLeftWhenTheWatchdogDiedToo() throws Exception {
    var probe = probe("sleep 90022");
    Eventually.await("runs", START_MILLIS, () -> !Probes.with("90022").isEmpty());
    long watchdog = Long.parseLong(Files.readString(run().resolve(".watchdog")).strip());
    assertTrue(ProcessHandle.of(watchdog).orElseThrow().destroyForcibly());
    probe.destroyForcibly();
    assertTrue(probe.waitFor(BOUND_MILLIS, TimeUnit.MILLISECONDS));
    assertFalse(Probes.with("90022").isEmpty());
    try (var runner = new RunnerUnderTest(Preference.CRUN, directory)) {
      runner.ociRunner().recover();
      assertEquals(List.of(), Probes.with("90022"));
      assertEquals(List.of(), Leftovers.of(run()));
      assertEquals(List.of(), mounts());
    }
  }

  @Test
  void killedWatchdogIsReplacedBeforeTheNextStep() throws Exception {
    var image = BusyboxRoot.create(directory.resolve("image"));
    try (var runner = new RunnerUnderTest(Preference.CRUN, directory)) {
      assertEquals(0, runner.runner().run(StepRequests.command("true").on(image.overlay())));
      var first = watchdog();
      assertTrue(first.destroyForcibly());
      Eventually.await("dead", BOUND_MILLIS, () -> !first.isAlive());
      assertEquals(0, runner.runner().run(StepRequests.command("true").on(image.overlay())));
      Eventually.await("another", BOUND_MILLIS, () -> !watchdog().equals(first));
      assertTrue(watchdog().isAlive());
    }
  }

  private ProcessHandle watchdog() {
    try {
      String number = Files.readString(run().resolve(".watchdog")).strip();
      return ProcessHandle.of(Long.parseLong(number)).orElse(ProcessHandle.current());
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  @Test
  void recoveryOfACleanOrMissingDirectoryDoesNothing() throws Exception {
    try (var runner = new RunnerUnderTest(Preference.CRUN, directory)) {
      runner.ociRunner().recover();
      assertFalse(Files.exists(run()));
    }
  }

  private Process probe(String script) throws IOException {
    started = StepProbe.start(List.of(), directory, "CRUN", "0", script);
    return started;
  }

  @AfterEach
  void endProbe() {
    if (started != null) {
      started.destroyForcibly();
    }
  }

  private List<String> mounts() throws IOException {
    var left = new ArrayList<String>();
    for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo"))) {
      if (line.contains(directory.toString())) {
        left.add(line);
      }
    }
    return left;
  }

  /** The fixture's way to look for processes. */
  private abstract static class Probes extends RunnerFixture {
    static List<ProcessHandle> with(String word) {
      return processesWith(word).stream()
          .filter(handle -> !handle.info().command().orElse("").contains("java"))
          .toList();
    }
  }
}
