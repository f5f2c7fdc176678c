package dev.jbuild.cli.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.jbuild.cli.progress.BuildEvent;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import moby.buildkit.v1.StatusResponse;
import moby.buildkit.v1.Vertex;
import moby.buildkit.v1.VertexLog;
import moby.buildkit.v1.VertexStatus;
import moby.buildkit.v1.VertexWarning;

/**
 * Turns Status messages into events in the order in which they make sense: a step's start, what it
 * did, its end. Keeps characters whole whose bytes are split between messages. For one thread.
 */
final class EventDecoder {
  /** Bytes of a character that has not come completely. */
  private static final int MAX_PENDING = 4;

  private final Map<String, byte[]> pending = new HashMap<>();

  List<BuildEvent> decode(StatusResponse message) {
    var events = new ArrayList<BuildEvent>();
    var work = new LinkedHashMap<String, List<BuildEvent>>();
    for (VertexStatus status : message.getStatusesList()) {
      of(work, status.getVertex()).add(task(status));
    }
    for (VertexLog log : message.getLogsList()) {
      of(work, log.getVertex()).add(output(log));
    }
    for (Vertex vertex : message.getVertexesList()) {
      if (vertex.hasStarted() && vertex.hasCompleted()) {
        // What it did comes between its start and its end.
        events.add(state(vertex.toBuilder().clearCompleted().clearError().build()));
        List<BuildEvent> done = work.remove(vertex.getDigest());
        events.addAll(done == null ? List.of() : done);
      }
      events.add(state(vertex));
    }
    work.values().forEach(events::addAll);
    for (VertexWarning warning : message.getWarningsList()) {
      events.add(warning(warning));
    }
    return events;
  }

  private static List<BuildEvent> of(Map<String, List<BuildEvent>> work, String vertex) {
    return work.computeIfAbsent(vertex, key -> new ArrayList<>());
  }

  private static BuildEvent.Task task(VertexStatus status) {
    return new BuildEvent.Task(
        status.getVertex(),
        status.getID(),
        status.getCurrent(),
        status.getTotal(),
        status.hasStarted() ? instant(status.getStarted()) : null,
        status.hasCompleted() ? instant(status.getCompleted()) : null);
  }

  private BuildEvent.Output output(VertexLog log) {
    return new BuildEvent.Output(
        log.getVertex(), instant(log.getTimestamp()), log.getStream() == 2 ? 2 : 1, text(log));
  }

  private static BuildEvent.StepState state(Vertex vertex) {
    return new BuildEvent.StepState(
        vertex.getDigest(),
        vertex.getName(),
        vertex.getCached(),
        vertex.hasStarted() ? instant(vertex.getStarted()) : null,
        vertex.hasCompleted() ? instant(vertex.getCompleted()) : null,
        vertex.getError());
  }

  private static BuildEvent.Warning warning(VertexWarning warning) {
    String place = warning.getInfo().getFilename();
    if (warning.getRangesCount() > 0) {
      place += ":" + warning.getRanges(0).getStart().getLine();
    }
    return new BuildEvent.Warning(
        warning.getVertex(),
        warning.getShort().toStringUtf8(),
        warning.getDetailList().stream().map(ByteString::toStringUtf8).toList(),
        warning.getUrl(),
        place);
  }

  private String text(VertexLog log) {
    String key = log.getStream() + " " + log.getVertex();
    byte[] before = pending.getOrDefault(key, new byte[0]);
    ByteBuffer bytes = ByteBuffer.allocate(before.length + log.getMsg().size());
    bytes.put(before);
    log.getMsg().copyTo(bytes);
    bytes.flip();
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);
    CharBuffer text = CharBuffer.allocate(bytes.remaining() + 1);
    decoder.decode(bytes, text, false);
    byte[] rest = new byte[Math.min(bytes.remaining(), MAX_PENDING)];
    bytes.get(rest);
    if (rest.length == 0) {
      pending.remove(key);
    } else {
      pending.put(key, rest);
    }
    return text.flip().toString();
  }

  private static Instant instant(Timestamp time) {
    return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
  }
}
