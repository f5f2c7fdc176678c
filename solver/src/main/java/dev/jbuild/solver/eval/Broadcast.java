package dev.jbuild.solver.eval;

import dev.jbuild.oci.Bytes;
import dev.jbuild.solver.OpContext;
import dev.jbuild.solver.progress.VertexProgress;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;

/** Carries the events of one run to all who wait for it; who comes late gets what was before. */
final class Broadcast implements OpContext, VertexProgress {
  /** How much of the latest output is kept for those who come late. */
  static final int MAX_LOG_BYTES = 256 * 1024;

  private static final int MAX_STATUSES = 1024;

  private final InstantSource clock;
  private final List<VertexReport> reports = new ArrayList<>();
  private final Deque<Line> logs = new ArrayDeque<>();
  private final LinkedHashMap<String, Progress> statuses = new LinkedHashMap<>();
  private int logBytes;
  private boolean started;
  private boolean independent;

  private record Line(Stream stream, Instant time, Bytes data) {}

  private record Progress(long current, long total, boolean done) {}

  Broadcast(InstantSource clock) {
    this.clock = clock;
  }

  @Override
  public VertexProgress progress() {
    return this;
  }

  @Override
  public synchronized void independent() {
    independent = true;
  }

  /** Whether the run that began last has said so. */
  synchronized boolean isIndependent() {
    return independent;
  }

  /** From now on this one is told too. */
  synchronized void add(VertexReport report) {
    reports.add(report);
    if (started) {
      report.start();
    }
    logs.forEach(line -> report.log(line.stream, line.time, line.data));
    statuses.forEach((id, s) -> report.status(id, s.current, s.total, s.done));
  }

  /** This one is told no more. */
  synchronized void remove(VertexReport report) {
    reports.remove(report);
  }

  /** A run has begun to work. */
  synchronized void start() {
    started = true;
    independent = false;
    reports.forEach(VertexReport::start);
  }

  synchronized void trace(String text) {
    reports.forEach(report -> report.trace(text));
  }

  @Override
  public synchronized void log(Stream stream, byte[] bytes, int offset, int length) {
    if (length == 0) {
      return;
    }
    Instant now = clock.instant();
    Bytes data = Bytes.copyOf(Arrays.copyOfRange(bytes, offset, offset + length));
    reports.forEach(report -> report.log(stream, now, data));
    int kept = Math.min(length, MAX_LOG_BYTES);
    keep(
        kept == length
            ? new Line(stream, now, data)
            : new Line(stream, now, tail(bytes, offset + length, kept)));
  }

  @Override
  public synchronized void status(String id, long current, long total, boolean done) {
    reports.forEach(report -> report.status(id, current, total, done));
    statuses.put(id, new Progress(current, total, done));
    if (statuses.size() > MAX_STATUSES) {
      statuses.pollFirstEntry();
    }
  }

  private static Bytes tail(byte[] bytes, int end, int length) {
    return Bytes.copyOf(Arrays.copyOfRange(bytes, end - length, end));
  }

  private void keep(Line line) {
    logs.addLast(line);
    logBytes += line.data.size();
    while (logBytes > MAX_LOG_BYTES) {
      logBytes -= logs.removeFirst().data.size();
    }
  }
}
