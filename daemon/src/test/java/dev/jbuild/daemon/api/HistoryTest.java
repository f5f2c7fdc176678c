package dev.jbuild.daemon.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import containerd.services.content.v1.ContentGrpc;
import containerd.services.content.v1.InfoRequest;
import containerd.services.content.v1.ListContentRequest;
import containerd.services.content.v1.ReadContentRequest;
import dev.jbuild.daemon.build.ToyEngine;
import dev.jbuild.daemon.history.HistoryLimits;
import dev.jbuild.v1.NetworkReportRequest;
import dev.jbuild.v1.ReportsGrpc;
import dev.jbuild.v1.TraceRequest;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import moby.buildkit.v1.BuildHistoryEvent;
import moby.buildkit.v1.BuildHistoryEventType;
import moby.buildkit.v1.BuildHistoryRecord;
import moby.buildkit.v1.BuildHistoryRequest;
import moby.buildkit.v1.Descriptor;
import moby.buildkit.v1.Exporter;
import moby.buildkit.v1.SolveRequest;
import moby.buildkit.v1.StatusRequest;
import moby.buildkit.v1.StatusResponse;
import moby.buildkit.v1.UpdateBuildHistoryRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class HistoryTest {
  @TempDir Path root;
  private ApiHarness api;

  @BeforeEach
  void start() throws IOException {
    api = new ApiHarness(root, HistoryLimits.DEFAULT);
  }

  @AfterEach
  void stop() {
    api.close();
  }

  private void restart() throws IOException {
    api.close();
    api = new ApiHarness(root, HistoryLimits.DEFAULT);
  }

  private void build(String ref) {
    api.control().solve(ApiHarness.graph(ref, "print").build());
  }

  private StatusRuntimeException failed(SolveRequest.Builder request) {
    return assertThrows(StatusRuntimeException.class, () -> api.control().solve(request.build()));
  }

  private List<BuildHistoryEvent> events(BuildHistoryRequest.Builder request) {
    var events = new ArrayList<BuildHistoryEvent>();
    api.control()
        .listenBuildHistory(request.setEarlyExit(true).build())
        .forEachRemaining(events::add);
    return events;
  }

  private List<String> refs(BuildHistoryRequest.Builder request) {
    return events(request).stream().map(event -> event.getRecord().getRef()).toList();
  }

  private BuildHistoryRecord record(String ref) {
    var events = events(BuildHistoryRequest.newBuilder().setRef(ref));
    assertEquals(1, events.size());
    return events.get(0).getRecord();
  }

  private void update(UpdateBuildHistoryRequest.Builder request) {
    assertEquals(0, api.control().updateBuildHistory(request.build()).getSerializedSize());
  }

  private ByteString read(String digest, long offset, long size) {
    var bytes = ByteString.EMPTY;
    var parts =
        ContentGrpc.newBlockingStub(api.channel)
            .read(
                ReadContentRequest.newBuilder()
                    .setDigest(digest)
                    .setOffset(offset)
                    .setSize(size)
                    .build());
    while (parts.hasNext()) {
      bytes = bytes.concat(parts.next().getData());
    }
    return bytes;
  }

  private List<StatusResponse> status(String ref) {
    var messages = new ArrayList<StatusResponse>();
    api.control()
        .status(StatusRequest.newBuilder().setRef(ref).build())
        .forEachRemaining(messages::add);
    return messages;
  }

  @Test
  void aBuildIsListedOnceItIsAnswered() {
    api.control()
        .solve(
            SolveRequest.newBuilder()
                .setRef("h1")
                .setFrontend("dockerfile.v0")
                .putFrontendAttrs("target", "print")
                .putFrontendInputs("dockerfile", ApiHarness.definition(ToyEngine.op("mine")))
                .addExporters(Exporter.newBuilder().setType("oci").putAttrs("name", "a"))
                .build());
    BuildHistoryEvent event = events(BuildHistoryRequest.newBuilder()).get(0);
    BuildHistoryRecord record = event.getRecord();
    assertEquals(BuildHistoryEventType.COMPLETE, event.getType());
    assertEquals("h1", record.getRef());
    assertEquals("dockerfile.v0", record.getFrontend());
    assertEquals(Map.of("target", "print"), record.getFrontendAttrsMap());
    assertEquals("oci", record.getExporters(0).getType());
    assertEquals(Map.of("name", "a"), record.getExporters(0).getAttrsMap());
    assertEquals("y", record.getExporterResponseOrThrow("frontend.x"));
    assertEquals(4, record.getNumTotalSteps());
    assertEquals(4, record.getNumCompletedSteps());
    assertEquals(0, record.getNumCachedSteps());
    assertEquals(1, record.getNumWarnings());
    assertEquals(1, record.getGeneration());
    assertTrue(record.hasCompletedAt());
    assertFalse(record.hasError());
    assertFalse(record.getPinned());
  }

  @Test
  void anUnknownRefIsNoErrorForAListenerThatLeavesEarly() {
    assertEquals(
        List.of(),
        events(
            BuildHistoryRequest.newBuilder()
                .setRef("buildx-test-history-api-feature")
                .setActiveOnly(true)));
  }

  @Test
  void anInternalBuildLeavesNoRecord() {
    api.control().solve(ApiHarness.graph("h2", "print").setInternal(true).build());
    assertEquals(List.of(), events(BuildHistoryRequest.newBuilder()));
  }

  @Test
  void aRunningBuildIsToldAsStarted() throws InterruptedException {
    build("h3");
    var context = Context.current().withCancellation();
    Runnable solve = () -> failed(ApiHarness.graph("h4", "wait"));
    var call = Thread.ofVirtual().start(context.wrap(solve));
    assertTrue(api.engine.waiting.await(20, TimeUnit.SECONDS));
    var events = events(BuildHistoryRequest.newBuilder().setActiveOnly(true));
    assertEquals(1, events.size());
    assertEquals(BuildHistoryEventType.STARTED, events.get(0).getType());
    assertEquals("h4", events.get(0).getRecord().getRef());
    assertEquals(List.of("h4", "h3"), refs(BuildHistoryRequest.newBuilder()));
    var refused =
        assertThrows(
            StatusRuntimeException.class,
            () -> update(UpdateBuildHistoryRequest.newBuilder().setRef("h4").setDelete(true)));
    assertEquals(
        "build 'h4' runs; its record can be changed when it has ended",
        refused.getStatus().getDescription());
    context.cancel(null);
    assertTrue(call.join(Duration.ofSeconds(20)));
    BuildHistoryRecord record = settled("h4");
    assertEquals(Status.Code.CANCELLED.value(), record.getError().getCode());
    assertEquals("the build was cancelled: context canceled", record.getError().getMessage());
  }

  /** A cancelled call returns before its build has ended. */
  private BuildHistoryRecord settled(String ref) {
    update(UpdateBuildHistoryRequest.newBuilder().setRef(ref).setFinalize(true));
    return record(ref);
  }

  @Test
  void aListenerHearsOfStartEndPinAndDeletion() {
    var context = Context.current().withCancellation();
    var before = context.attach();
    Iterator<BuildHistoryEvent> events;
    try {
      events = api.control().listenBuildHistory(BuildHistoryRequest.getDefaultInstance());
    } finally {
      context.detach(before);
    }
    // The listener is there once it has heard of a build.
    build("first");
    assertEquals("first", next(events, BuildHistoryEventType.COMPLETE, "first").getRef());
    build("h5");
    assertEquals("h5", next(events, BuildHistoryEventType.STARTED, "h5").getRef());
    assertEquals("h5", next(events, BuildHistoryEventType.COMPLETE, "h5").getRef());
    update(UpdateBuildHistoryRequest.newBuilder().setRef("h5").setPinned(true));
    BuildHistoryRecord pinned = next(events, BuildHistoryEventType.COMPLETE, "h5");
    assertTrue(pinned.getPinned());
    assertEquals(2, pinned.getGeneration());
    update(UpdateBuildHistoryRequest.newBuilder().setRef("h5").setDelete(true));
    assertEquals(
        BuildHistoryRecord.newBuilder().setRef("h5").build(),
        next(events, BuildHistoryEventType.DELETED, "h5"));
    context.cancel(null);
  }

  private static BuildHistoryRecord next(
      Iterator<BuildHistoryEvent> events, BuildHistoryEventType type, String ref) {
    BuildHistoryEvent event = events.next();
    while (event.getType() != type || !event.getRecord().getRef().equals(ref)) {
      event = events.next();
    }
    return event.getRecord();
  }

  @Test
  void theReplayAfterARestartEqualsTheEventsOfTheBuild() throws IOException {
    build("h6");
    var live = status("h6");
    restart();
    assertEquals(live, status("h6"));
    assertEquals(3, live.get(0).getVertexesCount());
  }

  @Test
  void theLogsBlobIsTheStatusMessages() throws IOException {
    build("h7");
    var live = status("h7");
    Descriptor logs = record("h7").getLogs();
    assertEquals("application/vnd.buildkit.status.v0", logs.getMediaType());
    ByteString blob = read(logs.getDigest(), 0, 0);
    assertEquals(logs.getSize(), blob.size());
    var little = blob.asReadOnlyByteBuffer().order(java.nio.ByteOrder.LITTLE_ENDIAN);
    int length = little.getInt();
    assertEquals(live.get(0), StatusResponse.parseFrom(blob.substring(4, 4 + length)));
    assertEquals(blob.size(), 4 + length);
  }

  @Test
  void aFailureIsKeptWithItsDetails() throws InvalidProtocolBufferException {
    var told = failed(ApiHarness.graph("h8", "fail"));
    BuildHistoryRecord record = record("h8");
    assertEquals(
        "process \"x\" did not complete successfully: exit code: 3",
        record.getError().getMessage());
    assertEquals(Status.Code.UNKNOWN.value(), record.getError().getCode());
    assertEquals(0, record.getError().getDetailsCount());
    Descriptor error = record.getExternalError();
    assertEquals("application/vnd.googeapis.google.rpc.status+proto", error.getMediaType());
    var answer = io.grpc.protobuf.StatusProto.fromThrowable(told);
    var withoutOp = answer.toBuilder().clearDetails();
    answer.getDetailsList().stream()
        .filter(detail -> !detail.getTypeUrl().endsWith("errdefs.Solve+json"))
        .forEach(withoutOp::addDetails);
    assertEquals(withoutOp.build(), com.google.rpc.Status.parseFrom(read(error.getDigest(), 0, 0)));
  }

  @Test
  void aBugIsARecordToo() {
    failed(ApiHarness.graph("h9", "bug"));
    assertEquals(
        "this is a bug in jbuild; the daemon's log tells more",
        record("h9").getError().getMessage());
  }

  @Test
  void secretsOfTheRequestAreNotKept() {
    api.control()
        .solve(
            ApiHarness.graph("h10", "print")
                .putFrontendAttrs("build-arg:NPM_TOKEN", "very")
                .putFrontendAttrs("context", "https://user:very@example.org/x.git#main")
                .build());
    assertEquals(
        Map.of("build-arg:NPM_TOKEN", "xxxxx", "context", "https://xxxxx@example.org/x.git#main"),
        record("h10").getFrontendAttrsMap());
  }

  @Test
  void theLimitKeepsTheNewestAndTheFilterChooses() {
    build("h11");
    failed(ApiHarness.graph("h12", "fail"));
    build("h13");
    assertEquals(List.of("h13", "h12"), refs(BuildHistoryRequest.newBuilder().setLimit(2)));
    assertEquals(List.of("h12"), refs(BuildHistoryRequest.newBuilder().addFilter("status==error")));
    var e =
        assertThrows(
            StatusRuntimeException.class,
            () -> refs(BuildHistoryRequest.newBuilder().addFilter("color==red")));
    assertEquals(Status.Code.INVALID_ARGUMENT, e.getStatus().getCode());
  }

  @Test
  void aDeletedRecordIsGoneForAll() {
    build("h14");
    String logs = record("h14").getLogs().getDigest();
    update(UpdateBuildHistoryRequest.newBuilder().setRef("h14").setDelete(true));
    assertEquals(List.of(), refs(BuildHistoryRequest.newBuilder()));
    var e = assertThrows(StatusRuntimeException.class, () -> read(logs, 0, 0));
    assertEquals(Status.Code.NOT_FOUND, e.getStatus().getCode());
    var again =
        assertThrows(
            StatusRuntimeException.class,
            () -> update(UpdateBuildHistoryRequest.newBuilder().setRef("h14").setDelete(true)));
    assertEquals(Status.Code.NOT_FOUND, again.getStatus().getCode());
    assertEquals("no build record of ref 'h14'", again.getStatus().getDescription());
  }

  @Test
  void aBlobIsReadInParts() {
    build("h15");
    Descriptor logs = record("h15").getLogs();
    ByteString all = read(logs.getDigest(), 0, 0);
    assertEquals(all.substring(5, 12), read(logs.getDigest(), 5, 7));
    assertEquals(all.substring(5), read(logs.getDigest(), 5, 1 << 30));
    assertEquals(ByteString.EMPTY, read(logs.getDigest(), all.size(), 0));
    var e =
        assertThrows(
            StatusRuntimeException.class, () -> read(logs.getDigest(), all.size() + 1L, 0));
    assertEquals(Status.Code.OUT_OF_RANGE, e.getStatus().getCode());
    var info =
        ContentGrpc.newBlockingStub(api.channel)
            .info(InfoRequest.newBuilder().setDigest(logs.getDigest()).build())
            .getInfo();
    assertEquals(logs.getSize(), info.getSize());
    var listed = new ArrayList<String>();
    ContentGrpc.newBlockingStub(api.channel)
        .list(ListContentRequest.getDefaultInstance())
        .forEachRemaining(message -> message.getInfoList().forEach(i -> listed.add(i.getDigest())));
    assertTrue(listed.contains(logs.getDigest()), listed.toString());
  }

  @Test
  void whyAndWithWhomIsAnsweredAfterARestart() throws IOException {
    build("h16");
    restart();
    var reports = ReportsGrpc.newBlockingStub(api.channel);
    String why =
        reports.trace(TraceRequest.newBuilder().setRef("h16").build()).getJson().toStringUtf8();
    assertTrue(why.contains("\"text\":\"runs: a toy has no cache\""), why);
    assertTrue(
        reports
            .network(NetworkReportRequest.newBuilder().setRef("h16").build())
            .getJson()
            .toStringUtf8()
            .startsWith("NetworkPlan["));
  }

  @Test
  void anUnknownBuildsTraceIsNotFound() {
    var e =
        assertThrows(
            StatusRuntimeException.class,
            () ->
                ReportsGrpc.newBlockingStub(api.channel)
                    .trace(TraceRequest.newBuilder().setRef("nosuch").build()));
    assertEquals("no build record of ref 'nosuch'", e.getStatus().getDescription());
  }
}
