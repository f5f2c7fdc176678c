package dev.jbuild.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.error.BuildException;
import dev.jbuild.process.RunningProcess.Joining;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What can be done with a process while it runs. Needs root and busybox. */
@Tag("root")
@Timeout(120)
public abstract class AttendedContract extends RunnerFixture {
  private static final String READY = "echo ready; while read -r line; do :; done";

  @AfterEach
  void nothingIsLeft() throws Exception {
    assertNothingIsLeft();
  }

  private Running begin(StepRequests request, Spectator spectator) throws Exception {
    var sent = request.on(root().overlay(), spectator);
    var task = new FutureTask<Integer>(() -> runner().run(sent));
    return new Running(task, Thread.ofVirtual().start(task));
  }

  private static int code(Running running) throws Exception {
    return running.result().get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** A process that ends when its input does, with what joins it meanwhile. */
  private Spectator shelter() throws Exception {
    var first = new Spectator(false);
    first.runs(begin(StepRequests.shell(READY).hostname("shelter"), first).result());
    first.await("ready");
    return first;
  }

  private static int join(Spectator first, StepRequests request, Spectator own, String... hidden)
      throws Exception {
    return first.process().join(new Joining(request.meta(), List.of(hidden), own));
  }

  private static void end(Spectator first) throws Exception {
    first.close();
    first.running().get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
  }

  @Test
  void inputReachesTheProcessAndEnds() throws Exception {
    var spectator = new Spectator(false);
    var running = begin(StepRequests.shell("cat; echo end"), spectator);
    spectator.type("a line\n");
    spectator.await("a line\n");
    spectator.close();
    assertEquals(0, code(running));
    assertEquals("a line\nend\n", spectator.out());
  }

  @Test
  void signalsReachTheFirstProcess() throws Exception {
    var spectator = new Spectator(false);
    var running = begin(StepRequests.shell("trap 'echo got; exit 7' USR1; " + READY), spectator);
    spectator.await("ready");
    spectator.process().signal(10);
    assertEquals(7, code(running));
    assertEquals("ready\ngot\n", spectator.out());
  }

  @Test
  void aSignalAtOnceFindsTheProcess() throws Exception {
    var spectator = new Spectator(false);
    var running = begin(StepRequests.command("sleep", "1000"), spectator);
    spectator.process().signal(9);
    assertEquals(137, code(running));
  }

  @Test
  void aTerminalHasTheSizeThatItIsGiven() throws Exception {
    var spectator = new Spectator(true);
    var running =
        begin(
            StepRequests.shell(
                "trap 'echo changed' WINCH; tty; echo ready; "
                    + "while [ \"$word\" != go ]; do read -r word; done; "
                    + "stty size || stty size; exit 3"),
            spectator);
    spectator.await("ready");
    spectator.process().resize(33, 77);
    spectator.await("changed");
    spectator.type("go\n");
    assertEquals(3, code(running));
    assertTrue(spectator.out().contains("33 77\r\n"), spectator.out());
    assertTrue(spectator.out().contains("/dev/"), spectator.out());
  }

  @Test
  void aTerminalEchoesAndTakesTheInterruptKey() throws Exception {
    var spectator = new Spectator(true);
    var running =
        begin(StepRequests.shell("trap 'echo int; exit 5' INT; echo ready; " + READY), spectator);
    spectator.await("ready");
    spectator.type("typed\n");
    spectator.await("typed");
    spectator.type("\003");
    assertEquals(5, code(running));
  }

  @Test
  void joinedProcessesShareTheSandboxButNotTheirStreams() throws Exception {
    Spectator first = shelter();
    var second = new Spectator(false);
    int code =
        join(
            first,
            StepRequests.shell("hostname; echo x > /tmp/shared; cat; echo $TOLD$KEPT; exit 4")
                .env("TOLD=told"),
            second.closed(),
            "KEPT=kept");
    assertEquals(4, code);
    assertEquals("shelter\ntoldkept\n", second.out());
    var third = new Spectator(false);
    assertEquals(0, join(first, StepRequests.command("cat", "/tmp/shared"), third));
    assertEquals("x\n", third.out());
    assertEquals("ready\n", first.out());
    end(first);
  }

  @Test
  void joinedProcessesHaveNoMoreRightsThanTheFirst() throws Exception {
    Spectator first = shelter();
    String mine = status(first, "");
    assertTrue(mine.contains("Seccomp:\t2"), mine);
    assertTrue(mine.contains("CapEff:\t00000000a80425fb"), mine);
    assertTrue(mine.contains("CapBnd:\t00000000a80425fb"), mine);
    assertTrue(status(first, "ann").contains("CapEff:\t0000000000000000"));
    var mount = new Spectator(false);
    int code = join(first, StepRequests.shell("mount -t tmpfs none /tmp"), mount);
    assertTrue(code != 0, mount.out());
    end(first);
  }

  private static String status(Spectator first, String user) throws Exception {
    var output = new Spectator(false);
    join(first, StepRequests.command("cat", "/proc/self/status").user(user), output);
    return output.out();
  }

  @Test
  void aJoinedProcessHasATerminalOfItsOwn() throws Exception {
    Spectator first = shelter();
    var second = new Spectator(true);
    var task =
        new FutureTask<Integer>(
            () -> join(first, StepRequests.shell("read x; stty size; exit 6"), second));
    Thread.ofVirtual().start(task);
    second.process().resize(20, 90);
    second.type("\n");
    assertEquals(6, task.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS));
    assertTrue(second.out().contains("20 90"), second.out());
    end(first);
  }

  @Test
  void joinedProcessesAreSignalledAlone() throws Exception {
    Spectator first = shelter();
    var second = new Spectator(false);
    var task =
        new FutureTask<Integer>(() -> join(first, StepRequests.command("sleep", "1000"), second));
    Thread.ofVirtual().start(task);
    second.process().signal(9);
    assertEquals(137, task.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS));
    assertEquals(0, join(first, StepRequests.command("true"), new Spectator(false)));
    end(first);
  }

  @Test
  void joinedProcessesEndWithTheFirst() throws Exception {
    Spectator first = shelter();
    var second = new Spectator(false);
    var task =
        new FutureTask<Integer>(
            () -> join(first, StepRequests.shell("echo there; sleep 1000"), second));
    Thread.ofVirtual().start(task);
    second.await("there");
    first.process().signal(9);
    assertEquals(137, task.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS));
    end(first);
  }

  @Test
  void aJoinedProcessThatIsCancelledLeavesTheOthers() throws Exception {
    Spectator first = shelter();
    var second = new Spectator(false);
    var task =
        new FutureTask<Integer>(
            () -> join(first, StepRequests.shell("echo there; sleep 1234"), second));
    var thread = Thread.ofVirtual().start(task);
    second.await("there");
    thread.interrupt();
    var failed = assertThrows(ExecutionException.class, task::get);
    assertInstanceOf(InterruptedException.class, failed.getCause());
    assertTrue(processesWith("1234").isEmpty());
    assertEquals(0, join(first, StepRequests.command("true"), new Spectator(false)));
    end(first);
  }

  @Test
  void aProgramThatIsNotThereIsNamed() throws Exception {
    Spectator first = shelter();
    var failure =
        assertThrows(
            BuildException.class,
            () -> join(first, StepRequests.command("no-such"), new Spectator(false)));
    assertTrue(failure.message().contains("no-such"), failure.message());
    assertFalse(failure.message().contains("\n"), failure.message());
    end(first);
  }
}
