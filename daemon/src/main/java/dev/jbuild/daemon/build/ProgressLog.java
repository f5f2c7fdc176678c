package dev.jbuild.daemon.build;

import dev.jbuild.frontend.FrontendBridge.Warning;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Digest;
import dev.jbuild.solver.progress.ProgressEvent;
import dev.jbuild.solver.progress.ProgressSink;
import dev.jbuild.solver.progress.VertexProgress;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The events of one build, for readers that come early, late, or after its end. A later state of an
 * item takes the place of the earlier one, so that what is kept is bounded by the build's size; of
 * output the last {@value #OUTPUT_BYTES} bytes are kept, and a reader that missed some is told so.
 * Its lock guards everything in it.
 */
public final class ProgressLog implements ProgressSink {
  static final int OUTPUT_BYTES = 8 << 20;

  /** How much of a log one message to a client has, about. */
  public static final int BATCH_ENTRIES = 512;

  public static final int BATCH_BYTES = 1 << 20;

  private static final int ENTRIES = 200_000;
  private static final int TRACKED = 100_000;
  private static final String CANCELLED = "context canceled";

  private final Clock clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final TreeMap<Long, LogEntry> entries = new TreeMap<>();
  private final Map<Item, Long> latest = new HashMap<>();
  private final ArrayDeque<Long> outputs = new ArrayDeque<>();
  private final Set<Digest> started = new HashSet<>();
  private final Map<Digest, ProgressEvent.VertexState> known = new HashMap<>();
  private final Map<Digest, ProgressEvent.VertexState> running = new LinkedHashMap<>();
  private long next;
  private long outputBytes;
  private long notice = -1;
  private boolean closed;

  public ProgressLog(Clock clock) {
    this.clock = clock;
  }

  /** Names what a later event replaces. */
  private record Item(Digest vertex, String id, @Nullable Instant started) {}

  /**
   * Entries in order.
   *
   * @param last to be given to the next {@link #read}
   * @param end whether nothing follows
   */
  public record Batch(List<LogEntry> entries, long last, boolean end) {}

  @Override
  public void accept(ProgressEvent event) {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      switch (event) {
        case ProgressEvent.VertexState state -> vertex(state);
        case ProgressEvent.Status status -> status(status);
        case ProgressEvent.Log output -> output(output);
        case ProgressEvent.Trace trace -> trace(trace);
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Notes a remark about the source. */
  public void warn(Digest vertex, Warning warning) {
    lock.lock();
    try {
      if (!closed && entries.size() < ENTRIES) {
        entries.put(next++, new LogEntry.Warned(vertex, warning));
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /** How the vertices ended that have so far. */
  BuildCounts.Steps steps() {
    lock.lock();
    try {
      long run = 0;
      long cached = 0;
      long failed = 0;
      for (var state : known.values()) {
        if (state.error() != null) {
          failed++;
        } else if (state.cached()) {
          cached++;
        } else if (state.completed() != null) {
          run++;
        } else if (started.contains(state.digest())) {
          // It was inferred.
          cached++;
        }
      }
      return new BuildCounts.Steps(run, cached, failed);
    } finally {
      lock.unlock();
    }
  }

  /** Ends the log: what still runs is reported as cancelled. */
  public void close() {
    lock.lock();
    try {
      Instant now = clock.instant();
      for (var state : List.copyOf(running.values())) {
        vertex(
            new ProgressEvent.VertexState(
                state.digest(),
                state.inputs(),
                state.name(),
                state.cached(),
                state.started(),
                now,
                CANCELLED));
      }
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for entries after the one that was read last.
   *
   * @param after -1 for the first read
   * @param limitBytes of output in one batch, about
   * @return an empty batch when the time is over
   */
  public Batch read(long after, int limitEntries, int limitBytes, long timeoutMillis)
      throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
      while (!closed && entries.higherKey(after) == null && left > 0) {
        left = changed.awaitNanos(left);
      }
      return batch(after, limitEntries, limitBytes);
    } finally {
      lock.unlock();
    }
  }

  private Batch batch(long after, int limitEntries, int limitBytes) {
    var found = new ArrayList<LogEntry>();
    long last = after;
    long bytes = 0;
    for (var entry : entries.tailMap(after, false).entrySet()) {
      if (found.size() >= limitEntries || bytes >= limitBytes) {
        return new Batch(List.copyOf(found), last, false);
      }
      found.add(entry.getValue());
      last = entry.getKey();
      bytes += outputBytes(entry.getValue());
    }
    return new Batch(List.copyOf(found), last, closed);
  }

  private static int outputBytes(LogEntry entry) {
    return entry instanceof LogEntry.Happened happened
            && happened.event() instanceof ProgressEvent.Log output
        ? output.data().size()
        : 0;
  }

  private void vertex(ProgressEvent.VertexState state) {
    Instant begin = state.started();
    if (known.size() < TRACKED) {
      known.put(state.digest(), state);
    }
    if (begin != null && started.size() < TRACKED && started.add(state.digest())) {
      inferCached(state.inputs(), begin);
    }
    if (begin != null && state.completed() == null) {
      running.put(state.digest(), state);
    } else {
      running.remove(state.digest());
    }
    // Start and end are kept both: output between them belongs to a step that has started.
    String id = state.completed() == null ? "" : "end";
    replace(new Item(state.digest(), id, begin), new LogEntry.Happened(state));
  }

  /** What a vertex that starts has needed and that never started was not work: it was cached. */
  private void inferCached(List<Digest> inputs, Instant time) {
    var open = new ArrayDeque<>(inputs);
    while (!open.isEmpty()) {
      Digest input = open.removeFirst();
      var state = known.get(input);
      if (state != null && started.add(input)) {
        replace(
            new Item(input, "end", time),
            new LogEntry.Happened(
                new ProgressEvent.VertexState(
                    input, state.inputs(), state.name(), true, time, time, null)));
        open.addAll(state.inputs());
      }
    }
  }

  private void status(ProgressEvent.Status status) {
    replace(
        new Item(status.vertex(), "status " + status.id(), null), new LogEntry.Happened(status));
  }

  /** The same remark twice, as when a step is looked at again, is one. */
  private void trace(ProgressEvent.Trace trace) {
    replace(new Item(trace.vertex(), "trace " + trace.text(), null), new LogEntry.Happened(trace));
  }

  private void replace(Item item, LogEntry entry) {
    Long before = latest.get(item);
    if (before == null && latest.size() >= ENTRIES) {
      return;
    }
    if (before != null) {
      entries.remove(before);
    }
    latest.put(item, next);
    entries.put(next++, entry);
  }

  private void output(ProgressEvent.Log output) {
    outputs.addLast(next);
    entries.put(next++, new LogEntry.Happened(output));
    outputBytes += output.data().size();
    while (outputBytes > OUTPUT_BYTES || outputs.size() > ENTRIES) {
      long oldest = outputs.removeFirst();
      LogEntry entry = entries.remove(oldest);
      if (entry instanceof LogEntry.Happened happened
          && happened.event() instanceof ProgressEvent.Log dropped) {
        outputBytes -= dropped.data().size();
        noticeDrop(oldest, dropped);
      }
    }
  }

  /** Leaves a remark where output was dropped: who reads from before it gets to see it. */
  private void noticeDrop(long at, ProgressEvent.Log dropped) {
    if (notice >= 0) {
      entries.remove(notice);
    }
    notice = at;
    Bytes text =
        Bytes.utf8("[earlier output is not kept: only the last 8 MiB of a build's output are]\n");
    entries.put(
        at,
        new LogEntry.Happened(
            new ProgressEvent.Log(
                dropped.vertex(), dropped.time(), VertexProgress.Stream.STDERR, text)));
  }
}
