package dev.jbuild.cli.client;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import com.google.rpc.Status;
import containerd.services.content.v1.ContentGrpc;
import containerd.services.content.v1.ReadContentRequest;
import dev.jbuild.cli.history.BuildEntry;
import dev.jbuild.cli.history.History;
import dev.jbuild.cli.history.StepTraffic;
import dev.jbuild.cli.history.Story;
import dev.jbuild.cli.history.StoryCollector;
import dev.jbuild.cli.history.StoryJson;
import dev.jbuild.cli.progress.BuildEvent;
import dev.jbuild.error.Detail;
import dev.jbuild.error.json.DetailJson;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.json.OciFormatException;
import dev.jbuild.v1.NetworkReportRequest;
import dev.jbuild.v1.ReportsGrpc;
import dev.jbuild.v1.TraceReply;
import dev.jbuild.v1.TraceRequest;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import moby.buildkit.v1.BuildHistoryEvent;
import moby.buildkit.v1.BuildHistoryEventType;
import moby.buildkit.v1.BuildHistoryRecord;
import moby.buildkit.v1.BuildHistoryRequest;
import moby.buildkit.v1.ControlGrpc;
import moby.buildkit.v1.StatusRequest;
import moby.buildkit.v1.StatusResponse;
import moby.buildkit.v1.UpdateBuildHistoryRequest;
import org.jspecify.annotations.Nullable;

/**
 * A history over the API: of jbuild's daemon, of BuildKit's, which tells less, or of a state
 * directory.
 *
 * @param place for failures to reach it
 * @param end closes the channel
 */
record GrpcHistory(Channel channel, String place, Runnable end) implements History {

  @Override
  public List<BuildEntry> list() {
    return records().stream()
        .map(HistoryRecords::entry)
        .sorted(Comparator.comparing(BuildEntry::created).reversed())
        .toList();
  }

  /** The last word on each build: one may end while they are told. */
  private List<BuildHistoryRecord> records() {
    var records = new TreeMap<String, BuildHistoryRecord>();
    try {
      var events =
          control().listenBuildHistory(BuildHistoryRequest.newBuilder().setEarlyExit(true).build());
      while (events.hasNext()) {
        BuildHistoryEvent event = events.next();
        if (event.getType() == BuildHistoryEventType.DELETED) {
          records.remove(event.getRecord().getRef());
        } else {
          records.put(event.getRecord().getRef(), event.getRecord());
        }
      }
    } catch (StatusRuntimeException e) {
      throw FailureDecoder.of(e, place);
    }
    return List.copyOf(records.values());
  }

  private ControlGrpc.ControlBlockingStub control() {
    return ControlGrpc.newBlockingStub(channel).withMaxInboundMessageSize(BuildCall.MESSAGE_BYTES);
  }

  @Override
  public Story story(BuildEntry entry) {
    var collector = new StoryCollector();
    status(
        entry.ref(),
        (message, events) -> {
          message
              .getVertexesList()
              .forEach(vertex -> collector.inputs(vertex.getDigest(), vertex.getInputsList()));
          collector.accept(events);
        });
    var notes = new ArrayList<String>();
    var why = new TreeMap<String, List<String>>();
    var entitlements = new ArrayList<String>();
    TraceReply trace = trace(entry.ref(), notes);
    if (trace != null) {
      entitlements.addAll(trace.getEntitlementsList());
      try {
        why.putAll(StoryJson.trace(Bytes.copyOf(trace.getJson().toByteArray())));
      } catch (OciFormatException e) {
        notes.add("Why steps ran can not be shown: what the daemon sent " + e.getMessage() + ".");
      }
    }
    Map<String, StepTraffic> traffic = traffic(entry.ref(), notes);
    Instant completed = entry.completed();
    Instant now = completed == null ? Instant.now() : completed;
    return new Story(
        entry,
        collector.steps(why, traffic, now),
        collector.warnings(),
        details(entry.ref()),
        entitlements,
        notes);
  }

  private @Nullable TraceReply trace(String ref, List<String> notes) {
    try {
      return ReportsGrpc.newBlockingStub(channel)
          .withMaxInboundMessageSize(BuildCall.MESSAGE_BYTES)
          .trace(TraceRequest.newBuilder().setRef(ref).build());
    } catch (StatusRuntimeException e) {
      notes.add(missing("Why steps ran is not told", e.getStatus().getCode()));
      return null;
    }
  }

  private Map<String, StepTraffic> traffic(String ref, List<String> notes) {
    try {
      ByteString json =
          ReportsGrpc.newBlockingStub(channel)
              .withMaxInboundMessageSize(BuildCall.MESSAGE_BYTES)
              .network(NetworkReportRequest.newBuilder().setRef(ref).build())
              .getJson();
      return StoryJson.network(Bytes.copyOf(json.toByteArray()));
    } catch (StatusRuntimeException e) {
      notes.add(missing("What steps did in their networks is not told", e.getStatus().getCode()));
    } catch (OciFormatException e) {
      notes.add(
          "What steps did in their networks can not be shown: the report " + e.getMessage() + ".");
    }
    return Map.of();
  }

  private static String missing(String what, io.grpc.Status.Code code) {
    return switch (code) {
      case UNIMPLEMENTED -> what + ": the daemon is an older one, or not a jbuildd.";
      case NOT_FOUND -> what + ": the build has not ended, or nothing was kept.";
      default -> what + ": the daemon answered " + code + ".";
    };
  }

  /** Of a build that failed: from the blob that has them all. */
  private List<Detail> details(String ref) {
    var details = new ArrayList<Detail>();
    for (BuildHistoryRecord record : records()) {
      if (record.getRef().equals(ref) && record.hasExternalError()) {
        try {
          var json = new DetailJson();
          for (Any any :
              Status.parseFrom(read(record.getExternalError().getDigest())).getDetailsList()) {
            Bytes value = Bytes.copyOf(any.getValue().toByteArray());
            json.read(any.getTypeUrl(), value).ifPresent(details::add);
          }
        } catch (StatusRuntimeException | InvalidProtocolBufferException e) {
          return List.of(); // the message is in the record
        }
      }
    }
    return details;
  }

  private ByteString read(String digest) {
    ByteString bytes = ByteString.EMPTY;
    var parts =
        ContentGrpc.newBlockingStub(channel)
            .withMaxInboundMessageSize(BuildCall.MESSAGE_BYTES)
            .read(ReadContentRequest.newBuilder().setDigest(digest).build());
    while (parts.hasNext() && bytes.size() < BuildCall.MESSAGE_BYTES) {
      bytes = bytes.concat(parts.next().getData());
    }
    return bytes;
  }

  @Override
  public void replay(String ref, Consumer<List<BuildEvent>> events) {
    status(ref, (message, decoded) -> events.accept(decoded));
  }

  /** Takes a message and what it says. */
  private interface MessageReader {
    void read(StatusResponse message, List<BuildEvent> events);
  }

  private void status(String ref, MessageReader reader) {
    try {
      var messages = control().status(StatusRequest.newBuilder().setRef(ref).build());
      var decoder = new EventDecoder();
      while (messages.hasNext()) {
        StatusResponse message = messages.next();
        reader.read(message, decoder.decode(message));
      }
    } catch (StatusRuntimeException e) {
      throw FailureDecoder.of(e, place);
    }
  }

  @Override
  public void delete(String ref) {
    update(UpdateBuildHistoryRequest.newBuilder().setRef(ref).setDelete(true).build());
  }

  @Override
  public void pin(String ref, boolean pinned) {
    update(UpdateBuildHistoryRequest.newBuilder().setRef(ref).setPinned(pinned).build());
  }

  private void update(UpdateBuildHistoryRequest request) {
    try {
      var answer = control().updateBuildHistory(request);
      if (answer == null) {
        throw new IllegalStateException("an empty answer");
      }
    } catch (StatusRuntimeException e) {
      throw FailureDecoder.of(e, place);
    }
  }

  static Instant instant(Timestamp time) {
    return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
  }

  @Override
  public void close() {
    end.run();
  }
}
