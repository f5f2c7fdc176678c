package dev.jbuild.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("root")
class CancelIT {
  /** What the step's processes may live on after their client. */
  private static final int SECONDS = 1;

  private static Lab lab;

  @BeforeAll
  static void open() throws IOException {
    lab = Lab.open();
  }

  @AfterAll
  static void close() throws IOException {
    if (lab != null) { // null when this machine can not build
      lab.close();
    }
  }

  /** A step whose processes run away from each other; all have the mark in their command line. */
  private static String dockerfile(String mark) {
    return """
        FROM base
        RUN setsid sh -c 'sh -c "sleep 1000; : MARK" & sleep 1000; : MARK' & \
            (sh -c 'setsid sh -c "trap : TERM INT HUP; sleep 1000; : MARK" &' &) ; \
            sleep 1000; : MARK
        """
        .replace("MARK", mark);
  }

  private static String mark() {
    return "mark" + UUID.randomUUID();
  }

  private static void awaitStep(String mark, Process client) throws Exception {
    boolean runs =
        Deadline.seconds(90)
            .until(
                () ->
                    !client.isAlive()
                        || Lab.processes(mark).stream().filter(p -> !p.contains("java")).count()
                            >= 4);
    assertTrue(runs && client.isAlive(), () -> "the step does not run: " + said());
  }

  private static String said() {
    try {
      return lab.output();
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static void assertAllGone(String mark) throws Exception {
    long start = System.nanoTime();
    Deadline.seconds(20).until(() -> Lab.processes(mark).isEmpty());
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    assertEquals(List.of(), Lab.processes(mark), "are still there");
    assertTrue(millis <= SECONDS * 1000L, "they lived on for " + millis + " ms");
  }

  private static void killed(String signal, int exit) throws Exception {
    String mark = mark();
    Path context = lab.context("killed" + signal, dockerfile(mark));
    Process client = lab.startBuild(context);
    try {
      awaitStep(mark, client);
      Commands.exec("kill", "-" + signal, Long.toString(client.pid()));
      assertAllGone(mark);
      assertTrue(client.waitFor(30, TimeUnit.SECONDS), "the client does not end");
      assertEquals(exit, client.exitValue(), said());
      Path good = lab.context("after" + signal, "FROM base\nRUN echo after " + signal + "\n");
      lab.build(good).succeeds();
    } finally {
      client.destroyForcibly();
    }
  }

  @Test
  void anInterruptEndsTheStepWithinASecond() throws Exception {
    killed("INT", 130);
  }

  @Test
  void aTerminationEndsTheStepWithinASecond() throws Exception {
    killed("TERM", 130);
  }

  @Test
  void aKilledClientTakesItsStepAlongWithinASecond() throws Exception {
    killed("KILL", 137);
  }

  @Test
  void aKilledClientOfADaemonTakesItsStepAlongWithinASecond() throws Exception {
    Process daemon = lab.startDaemon();
    Process client = null;
    try {
      String mark = mark();
      Path context = lab.context("remote", dockerfile(mark));
      client = lab.startRemote(context);
      awaitStep(mark, client);
      client.destroyForcibly();
      assertAllGone(mark);
      lab.remote("FROM base\nRUN echo after\n").succeeds();
    } finally {
      if (client != null) {
        client.destroyForcibly();
      }
      Lab.end(daemon);
    }
  }
}
