package dev.jbuild.daemon.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.jbuild.daemon.fuzz.ExecChange;
import dev.jbuild.daemon.fuzz.FuzzRun;
import dev.jbuild.daemon.fuzz.Mutator;
import dev.jbuild.daemon.fuzz.Player;
import dev.jbuild.daemon.fuzz.Player.Ending;
import dev.jbuild.daemon.fuzz.RawCalls;
import dev.jbuild.daemon.fuzz.Turn;
import dev.jbuild.daemon.fuzz.Wire;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import moby.buildkit.v1.frontend.ExecMessage;
import moby.buildkit.v1.frontend.LLBBridgeGrpc;
import moby.buildkit.v1.frontend.NewContainerRequest;
import moby.buildkit.v1.frontend.ReleaseContainerRequest;
import moby.buildkit.v1.frontend.ResizeMessage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whole streams of processes, changed; the build that they belong to goes on. */
@Timeout(7200)
class ExecFuzzTest {
  private static final MethodDescriptor<?, ?> METHOD = LLBBridgeGrpc.getExecProcessMethod();
  private static final long BOUND_NANOS = TimeUnit.SECONDS.toNanos(20);
  private static final String RECORDED = "c-00000000";

  private final Wire wire = new Wire();
  private final AtomicInteger numbers = new AtomicInteger();
  private final List<Turn.Spoken> conversation = new ArrayList<>();
  private ApiHarness api;
  private GatewayClient client;
  private String image;

  @BeforeEach
  void record() throws Exception {
    api = new ApiHarness();
    client = GatewayClient.begin(api, "a");
    image = client.graph("x").getId();
    begin(RECORDED);
    var proxy = wire.to(RawCalls.recording(METHOD, api.channel, conversation));
    var stub =
        LLBBridgeGrpc.newStub(proxy)
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers()));
    assertEquals(18, talk(stub).size(), "words of three processes");
  }

  private static List<String> talk(LLBBridgeGrpc.LLBBridgeStub stub) throws Exception {
    var size = ResizeMessage.newBuilder().setRows(20).setCols(90);
    var talk =
        new ExecConversation(stub)
            .begin("p1", ExecConversation.init(RECORDED, "wait"))
            .send(ExecMessage.newBuilder().setProcessID("p1").setResize(size).build());
    assertEquals("20x90", talk.spoken());
    return talk.begin("p2", ExecConversation.init(RECORDED, "say", "hello"))
        .begin("p3", ExecConversation.init(RECORDED, "take"))
        .type("p3", "one ")
        .type("p3", "two")
        .endInput("p3")
        .signal("p1", "TERM")
        .close();
  }

  @AfterEach
  void stop() throws Exception {
    client.giveNothing();
    client.response();
    api.close();
    wire.close();
  }

  private Metadata headers() {
    var headers = new Metadata();
    headers.put(BridgeService.BUILD_ID, client.ref);
    return headers;
  }

  private void begin(String container) {
    client
        .bridge()
        .newContainer(
            NewContainerRequest.newBuilder()
                .setContainerID(container)
                .addMounts(pb.Mount.newBuilder().setDest("/").setResultID(image))
                .build());
  }

  @Test
  void changedStreamsEndAndLeaveNoProcess() throws Exception {
    List<Turn> whole = Turn.part(conversation, true);
    assertTrue(play(whole, Ending.COMPLETE).isOk());
    var mutator = new Mutator(new ExecChange());
    var failed = new AtomicLong();
    long cases =
        FuzzRun.of(
            "exec",
            random -> {
              Status end = play(mutator.mutate(List.of(whole), random), Ending.any(random));
              failed.addAndGet(end.isOk() ? 0 : 1);
            });
    assertTrue(cases > 20 && failed.get() > 0, cases + ", " + failed);
    assertTrue(play(whole, Ending.COMPLETE).isOk());
  }

  /** The same words, to another container: its name is as long. */
  private static List<Turn> to(String container, List<Turn> part) {
    return part.stream()
        .map(
            turn ->
                switch (turn) {
                  case Turn.Say say -> (Turn) new Turn.Say(renamed(say.message(), container));
                  case Turn.Hear hear -> hear;
                })
        .toList();
  }

  private static ByteString renamed(ByteString message, String container) {
    String text = message.toString(StandardCharsets.ISO_8859_1).replace(RECORDED, container);
    return ByteString.copyFrom(text, StandardCharsets.ISO_8859_1);
  }

  private Status play(List<Turn> part, Ending ending) throws Exception {
    String container = "c-%08d".formatted(numbers.incrementAndGet());
    begin(container);
    var player = Player.hasty();
    ClientCall<ByteString, ByteString> call = RawCalls.call(api.channel, METHOD, headers());
    player.play(to(container, part), ending, ClientCalls.asyncBidiStreamingCall(call, player));
    @Nullable Status end = player.end(TimeUnit.MILLISECONDS.toNanos(100));
    if (end == null) {
      // A process that got no signal runs on, until its client is gone.
      call.cancel("enough", null);
      end = player.end(BOUND_NANOS);
    }
    assertNotNull(end, "the stream ends");
    assertFalse(!end.isOk() && String.valueOf(end.getDescription()).isBlank(), end::toString);
    // Comes back when nothing runs in it any more.
    client
        .bridge()
        .withDeadlineAfter(BOUND_NANOS, TimeUnit.NANOSECONDS)
        .releaseContainer(ReleaseContainerRequest.newBuilder().setContainerID(container).build());
    return end;
  }
}
