package dev.jbuild.solver.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.error.Detail;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Digest;
import dev.jbuild.solver.Job;
import dev.jbuild.solver.Vertex;
import dev.jbuild.solver.progress.ProgressEvent;
import dev.jbuild.solver.progress.VertexProgress.Stream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a job is told. */
@Timeout(60)
final class EvaluatorProgressTest {
  private final Toys toys = new Toys();

  private Toys.Events build(String id, Vertex vertex) throws InterruptedException {
    var events = new Toys.Events();
    try (Job job = toys.solver.open(id, events)) {
      toys.solve(job, vertex.output(0));
    }
    return events;
  }

  @Test
  void runReportsLoadStartAndEnd() throws InterruptedException {
    Vertex top = toys.sum("top/1").on(toys.value("base", 1).on());

    var events = build("a", top);

    assertEquals(List.of("load", "start", "done"), events.states(top));
  }

  @Test
  void cachedVertexIsReportedAsCached() throws InterruptedException {
    Vertex top = toys.sum("top/1").on(toys.value("base", 1).on());
    build("a", top);

    var events = build("b", top);

    assertEquals(List.of("load", "cached"), events.states(top));
    assertEquals(List.of("hit: the same definition"), events.traces(top));
  }

  @Test
  void startAndEndBelongToOneInterval() throws InterruptedException {
    Vertex base = toys.value("base", 1).on();

    var states =
        build("a", base).all.stream()
            .filter(ProgressEvent.VertexState.class::isInstance)
            .map(ProgressEvent.VertexState.class::cast)
            .toList();

    assertEquals(states.get(1).started(), states.get(2).started());
  }

  @Test
  void statesNameTheInputs() throws InterruptedException {
    Vertex base = toys.value("base", 1).on();
    Vertex top = toys.sum("top/2").on(base, base);

    var first = (ProgressEvent.VertexState) build("a", top).all.getFirst();

    assertEquals(List.of(base.digest()), first.inputs());
    assertEquals("top/2", first.name());
  }

  @Test
  void failureIsReportedWithItsTextAndOrigin() {
    var origin = new Detail.FailedVertex("sha256:00", "RUN false");
    var op =
        toys.op(
            "broken",
            (context, in) -> {
              throw new BuildException(
                  Code.STEP_FAILED, "exit code 3", null, List.of(new Detail.ProcessExit(3)));
            });
    var broken =
        new Vertex(Bytes.utf8("b").digest(), "broken", op, List.of(), false, List.of(origin));
    var events = new Toys.Events();
    try (Job job = toys.solver.open("a", events)) {
      var failure = assertThrows(BuildException.class, () -> toys.solve(job, broken.output(0)));
      assertEquals(List.of(new Detail.ProcessExit(3), origin), failure.details());
    }

    assertEquals(List.of("load", "start", "exit code 3"), events.states(broken));
  }

  @Test
  void bugInAnOpIsNotABuildFailure() {
    Vertex bug =
        toys.op(
                "bug",
                (context, in) -> {
                  throw new IllegalStateException("never");
                })
            .on();
    var failure = assertThrows(IllegalStateException.class, () -> toys.build("a", bug));

    assertEquals("never", failure.getMessage());
  }

  @Test
  void missNamesTheInputThatDiffers() throws InterruptedException {
    var use = toys.sum("use/1").byContent();
    build("a", use.on(toys.value("v1", 1).on()));
    Vertex changed = use.on(toys.value("v2", 2).on());

    List<String> traces = build("b", changed).traces(changed);

    assertEquals(1, traces.size());
    assertTrue(
        traces
            .getFirst()
            .startsWith("miss: the content of input 0 ('v2') differs (compared with 'use/1' of "),
        traces.getFirst());
  }

  @Test
  void missNamesTheOpThatDiffers() throws InterruptedException {
    Vertex base = toys.value("base", 1).on();
    build("a", toys.sum("old/1").on(base));
    Vertex changed = toys.sum("new/1").on(base);

    String trace = build("b", changed).traces(changed).getFirst();

    assertTrue(trace.startsWith("miss: the op differs (compared with 'old/1' of "), trace);
  }

  @Test
  void missWithoutAnythingNearSaysSo() throws InterruptedException {
    Vertex base = toys.value("base", 1).on();

    assertEquals(List.of("miss: nothing like it was run before"), build("a", base).traces(base));
  }

  @Test
  void contentHitNamesTheInput() throws InterruptedException {
    var use = toys.sum("use/1").byContent();
    build("a", use.on(toys.value("v1", 1).on()));
    Vertex again = use.on(toys.value("v2", 1).on());

    assertEquals(
        List.of("hit: the same content of input 0 ('v2')"), build("b", again).traces(again));
  }

  @Test
  void endedJobGetsNoMoreEvents() throws InterruptedException {
    var events = new Toys.Events();
    var progress = new JobProgress(events, Clock.systemUTC());
    var report = new VertexReport(progress, toys.value("v", 1).on());
    progress.end();
    report.start();

    assertEquals(List.of(), events.all);
  }

  @Test
  void lateListenerGetsTheTailOfLongOutput() {
    var events = new Toys.Events();
    Vertex vertex = toys.value("v", 1).on();
    var broadcast = new Broadcast(Clock.systemUTC());
    byte[] block = new byte[100_000];
    for (int i = 0; i < 5; i++) {
      Arrays.fill(block, (byte) ('a' + i));
      broadcast.log(Stream.STDOUT, block, 0, block.length);
    }
    broadcast.add(new VertexReport(new JobProgress(events, Clock.systemUTC()), vertex));

    String logs = events.logs(vertex);
    assertEquals(200_000, logs.length());
    assertEquals('d', logs.charAt(0));
    assertEquals('e', logs.charAt(199_999));
  }

  @Test
  void lateLogsAreNotOlderThanTheVertexStart() {
    var events = new Toys.Events();
    Vertex vertex = toys.value("v", 1).on();
    var broadcast = new Broadcast(Clock.systemUTC());
    broadcast.log(Stream.STDOUT, new byte[] {'x'}, 0, 1);
    Clock later = Clock.offset(Clock.systemUTC(), Duration.ofHours(1));
    broadcast.add(new VertexReport(new JobProgress(events, later), vertex));

    var start = (ProgressEvent.VertexState) events.all.get(0);
    var log = (ProgressEvent.Log) events.all.get(1);
    assertEquals(start.started(), log.time());
  }

  @Test
  void statusesAreRelayed() throws InterruptedException {
    Vertex pull =
        toys.op(
                "pull",
                (context, in) -> {
                  context.progress().status("layer", 1, 2, false);
                  context.progress().status("layer", 2, 2, true);
                  return 1;
                })
            .on();

    List<String> seen =
        build("a", pull).all.stream()
            .filter(ProgressEvent.Status.class::isInstance)
            .map(ProgressEvent.Status.class::cast)
            .map(s -> s.id() + " " + s.current() + "/" + s.total() + " " + (s.completed() != null))
            .toList();

    assertEquals(List.of("layer 1/2 false", "layer 2/2 true"), seen);
  }

  @Test
  void graphOfEqualDigestsIsComparedWithoutAWalk() {
    Vertex vertex = toys.value("v", 1).on();
    for (int i = 0; i < 20_000; i++) {
      vertex =
          new Vertex(
              Digest.of(("v" + i).getBytes(StandardCharsets.UTF_8)),
              "v" + i,
              vertex.op(),
              List.of(vertex.output(0)),
              false);
    }

    assertEquals(vertex.digest().hashCode(), vertex.hashCode());
    assertEquals(vertex, new Vertex(vertex.digest(), "x", vertex.op(), List.of(), false));
  }
}
