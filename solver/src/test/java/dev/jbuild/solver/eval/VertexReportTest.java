package dev.jbuild.solver.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jbuild.solver.progress.ProgressEvent;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class VertexReportTest {
  private final List<String> said = new ArrayList<>();
  private long seconds;
  private final InstantSource clock = () -> Instant.ofEpochSecond(seconds++);
  private final VertexReport report =
      new VertexReport(new JobProgress(this::note, clock), new Toys().value("FROM base", 1).on());

  private void note(ProgressEvent event) {
    if (event instanceof ProgressEvent.VertexState state) {
      said.add(
          state.completed() == null
              ? "starts"
              : state.error() == null ? state.cached() ? "cached" : "ends" : state.error());
    }
  }

  @Test
  void layersThatArePulledLaterEndWithTheLastOfThem() {
    report.start();
    report.completed();
    report.status("a", 0, 2, false);
    report.status("b", 0, 2, false);
    report.status("a", 2, 2, true);
    assertEquals(List.of("starts", "ends", "starts"), said);
    report.status("b", 2, 2, true);
    assertEquals(List.of("starts", "ends", "starts", "ends"), said);
  }

  @Test
  void statusesOfAVertexThatWorksDoNotEndIt() {
    report.status("a", 0, 2, false);
    report.status("a", 2, 2, true);
    assertEquals(List.of("starts"), said);
    report.failed("broken");
    assertEquals(List.of("starts", "broken"), said);
  }

  @Test
  void whatBreaksOffLaterIsCancelled() {
    report.cached();
    report.status("a", 0, 2, false);
    report.cancelled();
    assertEquals(List.of("cached", "starts", "context canceled"), said);
  }
}
