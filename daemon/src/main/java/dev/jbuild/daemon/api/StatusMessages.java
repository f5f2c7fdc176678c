package dev.jbuild.daemon.api;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.jbuild.daemon.build.LogEntry;
import dev.jbuild.frontend.FrontendBridge;
import dev.jbuild.oci.Digest;
import dev.jbuild.solver.progress.ProgressEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import moby.buildkit.v1.StatusResponse;
import moby.buildkit.v1.Vertex;
import moby.buildkit.v1.VertexLog;
import moby.buildkit.v1.VertexStatus;
import moby.buildkit.v1.VertexWarning;
import org.jspecify.annotations.Nullable;
import pb.Position;
import pb.Range;
import pb.SourceInfo;

/** Writes progress as Status messages. Source: reference wire-control, section 5. */
final class StatusMessages {
  private static final Comparator<ProgressEvent.VertexState> BY_START =
      Comparator.comparing(
          ProgressEvent.VertexState::started, Comparator.nullsFirst(Comparator.naturalOrder()));

  private StatusMessages() {}

  /** One message with all entries; vertices that have not started come first. */
  static StatusResponse of(List<LogEntry> entries) {
    var response = StatusResponse.newBuilder();
    var vertices = new ArrayList<ProgressEvent.VertexState>();
    for (LogEntry entry : entries) {
      switch (entry) {
        case LogEntry.Warned warned -> response.addWarnings(warning(warned));
        case LogEntry.Happened happened -> {
          switch (happened.event()) {
            case ProgressEvent.VertexState state -> vertices.add(state);
            case ProgressEvent.Log log -> response.addLogs(log(log));
            case ProgressEvent.Status status -> response.addStatuses(status(status));
            case ProgressEvent.Trace trace -> {}
          }
        }
      }
    }
    vertices.sort(BY_START);
    vertices.forEach(state -> response.addVertexes(vertex(state)));
    return response.build();
  }

  private static Vertex vertex(ProgressEvent.VertexState state) {
    var vertex =
        Vertex.newBuilder()
            .setDigest(state.digest().toString())
            .setName(state.name())
            .setCached(state.cached());
    for (Digest input : state.inputs()) {
      vertex.addInputs(input.toString());
    }
    if (state.started() != null) {
      vertex.setStarted(timestamp(state.started()));
    }
    if (state.completed() != null) {
      vertex.setCompleted(timestamp(state.completed()));
    }
    if (state.error() != null) {
      vertex.setError(state.error());
    }
    return vertex.build();
  }

  private static VertexLog log(ProgressEvent.Log log) {
    return VertexLog.newBuilder()
        .setVertex(log.vertex().toString())
        .setTimestamp(timestamp(log.time()))
        .setStream(log.stream().number())
        .setMsg(ByteString.copyFrom(log.data().toArray()))
        .build();
  }

  private static VertexStatus status(ProgressEvent.Status status) {
    var message =
        VertexStatus.newBuilder()
            .setID(status.id())
            .setVertex(status.vertex().toString())
            .setCurrent(status.current())
            .setTotal(status.total())
            .setTimestamp(timestamp(status.time()))
            .setStarted(timestamp(status.started()));
    Instant completed = status.completed();
    if (completed != null) {
      message.setCompleted(timestamp(completed));
    }
    return message.build();
  }

  private static VertexWarning warning(LogEntry.Warned warned) {
    FrontendBridge.Warning warning = warned.warning();
    var message =
        VertexWarning.newBuilder()
            .setVertex(warned.vertex().toString())
            .setLevel(warning.level())
            .setShort(ByteString.copyFromUtf8(warning.shortText()))
            .setUrl(warning.url())
            .setInfo(
                SourceInfo.newBuilder()
                    .setFilename(warning.info().filename())
                    .setData(ByteString.copyFrom(warning.info().data().toArray()))
                    .setLanguage(warning.info().language()));
    warning.detail().forEach(line -> message.addDetail(ByteString.copyFromUtf8(line)));
    for (var range : warning.ranges()) {
      message.addRanges(
          Range.newBuilder()
              .setStart(position(range.startLine(), range.startCharacter()))
              .setEnd(position(range.endLine(), range.endCharacter())));
    }
    return message.build();
  }

  private static Position.Builder position(int line, int character) {
    return Position.newBuilder().setLine(line).setCharacter(character);
  }

  static Timestamp timestamp(@Nullable Instant time) {
    Instant at = time == null ? Instant.EPOCH : time;
    return Timestamp.newBuilder().setSeconds(at.getEpochSecond()).setNanos(at.getNano()).build();
  }
}
