package dev.jbuild.daemon.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Digest;
import dev.jbuild.solver.progress.ProgressEvent;
import dev.jbuild.solver.progress.VertexProgress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ProgressLogTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Digest A = Bytes.utf8("a").digest();
  private static final Digest B = Bytes.utf8("b").digest();
  private static final Digest C = Bytes.utf8("c").digest();

  private final ProgressLog log = new ProgressLog(Clock.fixed(NOW, ZoneOffset.UTC));

  private void vertex(
      Digest digest, @Nullable Instant started, @Nullable Instant completed, Digest... inputs) {
    log.accept(
        new ProgressEvent.VertexState(
            digest, List.of(inputs), "v", false, started, completed, null));
  }

  private void output(int bytes) {
    log.accept(
        new ProgressEvent.Log(A, NOW, VertexProgress.Stream.STDOUT, Bytes.copyOf(new byte[bytes])));
  }

  private void status(long current) {
    log.accept(new ProgressEvent.Status(A, "id", current, 0, NOW, NOW, null));
  }

  private List<String> all() throws InterruptedException {
    return shown(log.read(-1, 10_000, Integer.MAX_VALUE, 0));
  }

  private static List<String> shown(ProgressLog.Batch batch) {
    var shown = new ArrayList<String>();
    for (LogEntry entry : batch.entries()) {
      shown.add(
          switch (entry) {
            case LogEntry.Warned warned -> "warning";
            case LogEntry.Happened happened ->
                switch (happened.event()) {
                  case ProgressEvent.VertexState state ->
                      name(state.digest())
                          + (state.cached() ? " cached" : "")
                          + (state.started() == null
                              ? " known"
                              : state.completed() == null ? " starts" : " ends")
                          + (state.error() == null ? "" : ": " + state.error());
                  case ProgressEvent.Log output -> "output " + output.data().size();
                  case ProgressEvent.Status status -> "status " + status.current();
                  case ProgressEvent.Trace trace -> "trace";
                };
          });
    }
    return shown;
  }

  private static String name(Digest digest) {
    return digest.equals(A) ? "a" : digest.equals(B) ? "b" : "c";
  }

  @Test
  void aLaterStateOfAnItemTakesThePlaceOfTheEarlier() throws InterruptedException {
    vertex(A, null, null);
    vertex(A, NOW, null);
    status(1);
    status(2);
    vertex(A, NOW, NOW);
    vertex(A, NOW, NOW);
    assertEquals(List.of("a known", "a starts", "status 2", "a ends"), all());
  }

  @Test
  void aReaderGoesOnWhereItWas() throws InterruptedException {
    vertex(A, NOW, null);
    var first = log.read(-1, 10, 1000, 0);
    assertEquals(List.of("a starts"), shown(first));
    assertFalse(first.end());
    status(1);
    var second = log.read(first.last(), 10, 1000, 0);
    assertEquals(List.of("status 1"), shown(second));
    log.close();
    var third = log.read(second.last(), 10, 1000, 0);
    assertEquals(List.of("a ends: context canceled"), shown(third));
    assertTrue(third.end());
  }

  @Test
  void batchesAreBounded() throws InterruptedException {
    output(600);
    output(600);
    output(600);
    var first = log.read(-1, 10, 1000, 0);
    assertEquals(List.of("output 600", "output 600"), shown(first));
    assertEquals(List.of("output 600"), shown(log.read(first.last(), 10, 1000, 0)));
    assertEquals(1, log.read(-1, 1, 10_000, 0).entries().size());
  }

  @Test
  void inputsThatNeverStartedWereCached() throws InterruptedException {
    vertex(A, null, null);
    vertex(B, null, null, A);
    vertex(C, null, null, B);
    vertex(C, NOW, null, B);
    assertEquals(
        List.of("a known", "b known", "c known", "b cached ends", "a cached ends", "c starts"),
        all());
  }

  @Test
  void whatRunsAtTheEndWasCancelled() throws InterruptedException {
    vertex(A, NOW, null);
    vertex(B, NOW, NOW);
    log.close();
    vertex(C, NOW, null);
    assertEquals(List.of("a starts", "b ends", "a ends: context canceled"), all());
  }

  @Test
  void ofMuchOutputTheEndIsKeptAndTheRestMentioned() throws InterruptedException {
    vertex(A, NOW, null);
    int chunk = ProgressLog.OUTPUT_BYTES / 4;
    for (int i = 0; i < 6; i++) {
      output(chunk);
    }
    String kept = "output " + chunk;
    String notice =
        "output "
            + "[earlier output is not kept: only the last 8 MiB of a build's output are]\n"
                .length();
    assertEquals(List.of("a starts", notice, kept, kept, kept, kept), all());
  }

  @Test
  void aReaderWithoutNewsIsBackInTime() throws InterruptedException {
    long before = System.nanoTime();
    assertEquals(List.of(), shown(log.read(-1, 10, 10, 30)));
    assertTrue(System.nanoTime() - before >= Duration.ofMillis(30).toNanos());
  }
}
