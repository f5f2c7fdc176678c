package dev.jbuild.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("root")
class ConcurrencyIT {
  private static final int STAGES = 24;
  private static final int BUILDS = 8;
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

  /** Stages that do not depend on each other, and one that collects and checks them. */
  private static String stages(int count, String name) {
    var text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      text.append("FROM base AS s%d\nRUN echo %s %d > /f && sleep 0.2\n".formatted(i, name, i));
    }
    text.append("FROM base\n");
    for (int i = 0; i < count; i++) {
      text.append("COPY --from=s%d /f /f%d\n".formatted(i, i));
    }
    text.append("RUN for i in $(seq 0 ").append(count - 1).append("); do ");
    text.append("test \"$(cat /f$i)\" = \"").append(name).append(" $i\" || exit 3; done; ");
    return text.append("echo all are there\n").toString();
  }

  @Test
  void manyStagesAtOnceGiveEachItsOwn() throws Exception {
    Lab.Run run = lab.build(lab.context("stages", stages(STAGES, "stage"))).succeeds();
    assertTrue(run.err().contains(" all are there\n"), run.err());
    for (int i = 0; i < STAGES; i++) {
      assertTrue(run.done("RUN echo stage " + i + " > /f && sleep 0.2"));
    }
  }

  @Test
  void buildsAtOnceThroughADaemonAllSucceed() throws Exception {
    Process daemon = lab.startDaemon();
    try (var clients = Executors.newFixedThreadPool(BUILDS)) {
      var builds = new ArrayList<Callable<Lab.Run>>();
      for (int i = 0; i < BUILDS; i++) {
        String name = "build" + i;
        builds.add(() -> lab.remote(stages(3, name), "-t", name));
      }
      for (var run : clients.invokeAll(builds)) {
        assertTrue(run.get().succeeds().err().contains(" all are there\n"));
      }
    } finally {
      Lab.end(daemon);
    }
    var names =
        lab.run("", "--root", lab.root().toString(), "images")
            .succeeds()
            .out()
            .lines()
            .filter(line -> line.contains("build"))
            .map(line -> line.substring(line.indexOf("build"), line.indexOf("build") + 6))
            .sorted()
            .toList();
    var expected = new ArrayList<String>();
    for (int i = 0; i < BUILDS; i++) {
      expected.add("build" + i);
    }
    assertEquals(List.copyOf(expected), names);
  }
}
