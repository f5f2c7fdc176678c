package dev.jbuild.daemon.history;

import dev.jbuild.daemon.build.Build;
import dev.jbuild.daemon.build.LogEntry;
import dev.jbuild.daemon.build.NetworkReports;
import dev.jbuild.daemon.build.ProgressLog;
import dev.jbuild.error.BuildException;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Digest;
import dev.jbuild.oci.json.Json;
import dev.jbuild.oci.json.JsonText;
import dev.jbuild.solver.progress.ProgressEvent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A build that has ended and whose record is not written yet. Its log does not change any more.
 *
 * @param started the record of the running build
 */
record EndedBuild(
    BuildRecord started,
    Instant at,
    ProgressLog log,
    Build.Outcome outcome,
    NetworkReports reports,
    WireForms forms)
    implements HistoryStore.Content {
  private static final int MAX_TRACE_LINES = 20_000;

  /** Of an answer; longer values are left out, a part of one is of no use. */
  private static final int MAX_RESPONSE_VALUE = 64 << 10;

  @Override
  public BuildRecord write(RecordFile.Writing file) throws IOException {
    var tally = new Tally();
    long last = -1;
    boolean end = false;
    while (!end) {
      ProgressLog.Batch batch = next(last);
      last = batch.last();
      end = batch.end();
      batch.entries().forEach(tally::count);
      byte[] message = forms.status(batch.entries()).toArray();
      if (message.length > 0) {
        file.write(
            ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(message.length)
                .array());
        file.write(message);
      }
    }
    file.end(Section.Kind.LOGS);
    if (!tally.trace.isEmpty()) {
      file.write(Bytes.utf8(JsonText.compact(new Json.Arr(tally.trace)) + "\n").toArray());
      file.end(Section.Kind.TRACE);
    }
    file.write(network().toArray());
    file.end(Section.Kind.NETWORK);
    return switch (outcome) {
      case Build.Built built -> started.ended(at, null, response(built), tally.counts());
      case Build.Failed failed -> {
        WireForms.Failed told = forms.failed(failed.cause());
        file.write(told.status().toArray());
        file.end(Section.Kind.ERROR);
        yield started.ended(at, told.failure(), Map.of(), tally.counts());
      }
    };
  }

  /** A closed log answers at once. */
  private ProgressLog.Batch next(long last) throws IOException {
    try {
      return log.read(last, ProgressLog.BATCH_ENTRIES, ProgressLog.BATCH_BYTES, 0);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the record was written", e);
    }
  }

  private Bytes network() {
    try {
      return reports.find(started.ref());
    } catch (BuildException none) {
      return Bytes.empty();
    }
  }

  private static Map<String, String> response(Build.Built built) {
    var kept = new HashMap<>(built.response());
    kept.values().removeIf(value -> value.length() > MAX_RESPONSE_VALUE);
    return kept;
  }

  /** What is counted while the log is read. */
  private static final class Tally {
    private final Set<Digest> seen = new HashSet<>();
    private final Map<Digest, Boolean> cached = new HashMap<>();
    private final List<Json> trace = new ArrayList<>();
    private int warnings;

    void count(LogEntry entry) {
      switch (entry) {
        case LogEntry.Warned warned -> warnings++;
        case LogEntry.Happened happened -> {
          switch (happened.event()) {
            case ProgressEvent.VertexState state -> {
              seen.add(state.digest());
              if (state.completed() != null) {
                cached.put(state.digest(), state.cached());
              }
            }
            case ProgressEvent.Trace line -> add(line);
            case ProgressEvent.Log output -> {}
            case ProgressEvent.Status status -> {}
          }
        }
      }
    }

    private void add(ProgressEvent.Trace line) {
      if (trace.size() < MAX_TRACE_LINES) {
        var members = new LinkedHashMap<String, Json>();
        members.put("digest", new Json.Text(line.vertex().toString()));
        members.put("time", new Json.Text(line.time().toString()));
        members.put("text", new Json.Text(line.text()));
        trace.add(new Json.Obj(members));
      }
    }

    BuildRecord.Counts counts() {
      int hits = (int) cached.values().stream().filter(hit -> hit).count();
      return new BuildRecord.Counts(seen.size(), cached.size(), hits, warnings);
    }
  }
}
