package dev.jbuild.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The debugger of the real buildx: containers of what was built, or of the step that failed. */
@Tag("root")
@Timeout(300)
class BuildxDebugIT {
  private static final String LAUNCHED = "Press Ctrl-a-c to switch to the new container";

  @TempDir static Path work;
  private static BuildHost host;
  private static DaemonProcess daemon;
  private static BuildxClient client;

  @BeforeAll
  static void start() throws Exception {
    host = BuildHost.withBase(work.resolve("debug-" + UUID.randomUUID()));
    daemon = DaemonProcess.over(host);
    client = BuildxClient.at(Files.createDirectories(work.resolve("client")), daemon.address());
  }

  @AfterAll
  static void stop() {
    if (daemon != null) { // null when it did not start
      daemon.close();
    }
  }

  private static void assertNothingIsLeft() throws Exception {
    assertTrue(
        Deadline.seconds(10)
            .until(() -> host.stateFiles("run").stream().allMatch(name -> name.startsWith("."))),
        () -> "something is left of a container");
  }

  /** A debugger and who types. */
  private record Debugger(Process process, OutputStream keys) implements AutoCloseable {
    static Debugger of(Path context, String on) throws Exception {
      Process process =
          client.startOnTerminal(
              "debug", "--invoke=/bin/sh", on, "build --builder=jb --progress=plain", "" + context);
      return new Debugger(process, process.getOutputStream());
    }

    void type(String line) throws Exception {
      keys.write((line + "\n").getBytes(StandardCharsets.UTF_8));
      keys.flush();
    }

    /** Waits until it was written so often. */
    void await(String text, int times) throws Exception {
      assertTrue(
          Deadline.seconds(60)
              .until(() -> client.written().split(Pattern.quote(text), -1).length > times),
          () -> text + " does not come: " + client.written());
    }

    /** Waits until the monitor asks for a command; how often it has before is not certain. */
    void awaitMonitor() throws Exception {
      assertTrue(
          Deadline.seconds(60).until(() -> client.written().strip().endsWith("(buildx)")),
          () -> "the monitor does not come: " + client.written());
    }

    Outcome end() throws Exception {
      type("exit");
      awaitMonitor();
      type("exit");
      return client.end(process, "debug");
    }

    /** A failed test leaves it. */
    @Override
    public void close() {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  @Test
  void aShellRunsInWhatWasBuilt() throws Exception {
    Path context =
        host.context(
            """
            FROM base
            ENV WORD=of-the-image
            RUN echo from-""the-step > /made
            """);
    try (Debugger debugger = Debugger.of(context, "--on=always")) {
      debugger.await(LAUNCHED, 1);
      debugger.await("list of built-in commands", 1); // what is typed before is lost at times
      debugger.type("cat /made; echo \"word:$WORD\"; test -t 0 && echo on-a-\"\"terminal");
      debugger.await("from-the-step", 1);
      debugger.await("word:of-the-image", 1);
      debugger.await("on-a-terminal", 1);
      Outcome outcome = debugger.end();
      assertEquals(0, outcome.code(), outcome.out());
    }
    assertNothingIsLeft();
  }

  @Test
  void aShellSeesWhatAFailedStepHasLeft() throws Exception {
    Path context =
        host.context(
            """
            FROM base
            RUN echo from-""before > /before
            RUN --mount=type=tmpfs,target=/t echo half-""done > /half; exit 3
            """);
    try (Debugger debugger = Debugger.of(context, "--on=error")) {
      debugger.await(LAUNCHED, 1);
      debugger.await("list of built-in commands", 1); // what is typed before is lost at times
      debugger.type("cat /before /half");
      debugger.await("from-before", 1);
      debugger.await("half-done", 1);
      Outcome outcome = debugger.end();
      assertEquals(1, outcome.code(), outcome.out());
      assertTrue(outcome.out().contains(">>> RUN --mount=type=tmpfs"), outcome.out());
      assertTrue(outcome.out().strip().endsWith("exit code: 3"), outcome.out());
    }
    assertNothingIsLeft();
  }

  @Test
  void aShellCanBeginWhereAFailedStepBegan() throws Exception {
    Path context =
        host.context(
            """
            FROM base
            RUN echo from-""before > /before
            RUN rm /before; echo x > /half; exit 4
            """);
    try (Debugger debugger = Debugger.of(context, "--on=error")) {
      debugger.await(LAUNCHED, 1);
      debugger.await("list of built-in commands", 1); // what is typed before is lost at times
      debugger.type("exit");
      debugger.awaitMonitor();
      debugger.type("rollback --init /bin/sh");
      debugger.await(LAUNCHED, 2);
      debugger.await("list of built-in commands", 2); // what is typed before is lost at times
      debugger.type("cat /before; test -e /half || echo nothing-\"\"of-it");
      debugger.await("from-before", 1);
      debugger.await("nothing-of-it", 1);
      assertEquals(1, debugger.end().code());
    }
    assertNothingIsLeft();
  }
}
