package dev.jbuild.daemon.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.jbuild.daemon.fuzz.CountedThreads;
import dev.jbuild.daemon.fuzz.FrameChange;
import dev.jbuild.daemon.fuzz.FuzzRun;
import dev.jbuild.daemon.fuzz.Mutator;
import dev.jbuild.daemon.fuzz.Player;
import dev.jbuild.daemon.fuzz.Player.Ending;
import dev.jbuild.daemon.fuzz.Turn;
import dev.jbuild.daemon.fuzz.Turn.Spoken;
import dev.jbuild.daemon.session.sync.FileSyncService;
import dev.jbuild.daemon.session.tunnel.ServingTunnel;
import dev.jbuild.daemon.session.tunnel.SessionMethod;
import dev.jbuild.daemon.session.tunnel.TunnelLoops;
import dev.jbuild.error.BuildException;
import dev.jbuild.linux.libc.LibcKernel;
import dev.jbuild.session.FileSync;
import dev.jbuild.session.Session;
import dev.jbuild.session.direct.DirectoryFileSync;
import io.grpc.Metadata;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import moby.buildkit.secrets.v1.GetSecretRequest;
import moby.buildkit.secrets.v1.GetSecretResponse;
import moby.buildkit.secrets.v1.SecretsGrpc;
import moby.buildkit.v1.BytesMessage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whole tunnels, changed byte by byte and frame by frame, beside one that has to go on. */
@Timeout(7200)
class TunnelFuzzTest {
  private static final FileSync.Filter ALL = new FileSync.Filter(List.of(), List.of(), List.of());
  private static final Duration BOUND = Duration.ofSeconds(20);
  private static final Duration SILENCE = Duration.ofMillis(150);
  private static final int LOOK_EVERY = 50;

  private final CountedThreads threads = new CountedThreads();
  private final ExecutorService handlers = Executors.newVirtualThreadPerTaskExecutor();
  private final TunnelLoops loops = new TunnelLoops(1);
  private @TempDir Path dir;
  private SessionFixture fixture;

  @BeforeEach
  void start() throws Exception {
    fixture = new SessionFixture(dir.resolve("outputs"), "tunnel-fuzz");
    Path context = Files.createDirectories(dir.resolve("context/d"));
    Files.writeString(context.resolve("one"), "text");
    Files.write(context.resolve("two"), new byte[70_000]);
  }

  @AfterEach
  void stop() {
    fixture.close();
    loops.close();
    handlers.shutdownNow();
  }

  private static final class Secret extends SecretsGrpc.SecretsImplBase {
    @Override
    public void getSecret(GetSecretRequest request, StreamObserver<GetSecretResponse> observer) {
      var data = ByteString.copyFromUtf8("of " + request.getID());
      observer.onNext(GetSecretResponse.newBuilder().setData(data).build());
      observer.onCompleted();
    }
  }

  private static Metadata headers(String id) {
    return new SessionHeaders(
            id,
            "",
            new TreeSet<>(
                List.of(
                    "/" + SecretsGrpc.getGetSecretMethod().getFullMethodName(),
                    "/moby.filesync.v1.FileSync/DiffCopy")))
        .write();
  }

  private static Metadata asked() {
    var asked = new Metadata();
    asked.put(Metadata.Key.of("dir-name", Metadata.ASCII_STRING_MARSHALLER), "context");
    return asked;
  }

  /** A client of a session; what both sides say goes into the list, by frames. */
  private ServingTunnel serve(String id, List<Spoken> conversation) throws IOException {
    var files = new DirectoryFileSync(Map.of("context", dir.resolve("context")), new LibcKernel());
    List<ServerServiceDefinition> services =
        List.of(
            new HealthStatusManager().getHealthService().bindService(),
            new Secret().bindService(),
            new FileSyncService(files, TunnelFuzzTest::asked, threads).bindService());
    return ServingTunnel.open(
        services,
        stream ->
            SessionMethod.open(
                fixture
                    .calls(fixture.connect(), headers(id))
                    .withInterceptors(new FrameRecorder(conversation))
                    .getChannel(),
                stream),
        loops,
        handlers);
  }

  /** What a build does with a session. */
  private static String converse(Session session) throws IOException {
    var heard = new StringBuilder();
    session.secrets().secret("a").ifPresent(secret -> heard.append(text(secret.toArray())));
    try (FileSync.Walk walk = session.files().open("context", ALL)) {
      while (walk.hasNext()) {
        FileSync.Entry entry = walk.next();
        heard.append(' ').append(entry.path());
        if ((entry.mode() & 0170000) == 0100000 && entry.linkTarget().isEmpty()) {
          heard.append('=').append(content(walk, entry));
        }
      }
    }
    session.secrets().secret("b").ifPresent(secret -> heard.append(text(secret.toArray())));
    return heard.toString();
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static long content(FileSync.Walk walk, FileSync.Entry entry) throws IOException {
    long bytes = 0;
    ByteBuffer buffer = ByteBuffer.allocate(10_000);
    try (ReadableByteChannel from = walk.read(entry)) {
      while (from.read(buffer) >= 0) {
        bytes += buffer.position();
        buffer.clear();
      }
    }
    return bytes;
  }

  @Test
  void changedTunnelsEndAloneWithAnError() throws Exception {
    var conversation = new ArrayList<Spoken>();
    ServingTunnel recorded = serve("recorded", conversation);
    try (recorded) {
      assertEquals(EXPECTED, converse(fixture.registry.find("recorded")));
    }
    List<Turn> whole;
    synchronized (conversation) {
      whole = Turn.part(conversation, true);
    }
    assertTrue(whole.size() > 20, () -> "recorded: " + whole);
    ServingTunnel good = serve("good", new ArrayList<>());
    try (good) {
      assertEquals(EXPECTED, play("whole", whole, Ending.SILENCE, true));
      var mutator = new Mutator(new FrameChange());
      var numbers = new AtomicLong();
      var right = new AtomicLong();
      long cases =
          FuzzRun.of(
              "tunnel",
              random -> {
                long number = numbers.getAndIncrement();
                List<Turn> part = mutator.mutate(List.of(whole), random);
                String heard = play("case" + number, part, Ending.any(random), false);
                right.addAndGet(heard.equals(EXPECTED) ? 1 : 0);
                if (number % LOOK_EVERY == 0) {
                  assertEquals(EXPECTED, converse(fixture.registry.find("good")));
                }
              });
      assertTrue(cases > 20 && right.get() < cases, cases + ", " + right);
      assertEquals(EXPECTED, converse(fixture.registry.find("good")));
    }
    threads.assertAllEnd(BOUND);
    long end = System.nanoTime() + BOUND.toNanos();
    while (fixture.hostThreads.get() > 0 && System.nanoTime() < end) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
    assertEquals(0, fixture.hostThreads.get(), "threads of sessions that are left");
  }

  private static final String EXPECTED = "of a d d/one=4 d/two=70000of b";

  /** Opens a session, plays its client, and gives what a build got of it. */
  private String play(String id, List<Turn> part, Ending ending, boolean whole) throws Exception {
    var heard = new AtomicReference<>("");
    var failure = new AtomicReference<@Nullable Throwable>();
    Thread build =
        threads.newThread(
            () -> {
              try {
                heard.set(converse(fixture.registry.find(id)));
              } catch (Throwable cause) {
                failure.set(cause);
              }
            });
    Player player = whole ? Player.patient() : Player.hasty();
    var client = new Bytes(player);
    fixture.calls(fixture.connect(), headers(id)).session(client);
    build.start();
    player.play(part, ending, client.out);
    Duration silence = whole ? BOUND : SILENCE;
    if (ending == Ending.SILENCE && !build.join(silence)) {
      client.out.onError(Status.ABORTED.asRuntimeException()); // the client is gone
    }
    assertTrue(build.join(BOUND), () -> "the build goes on: " + List.of(build.getStackTrace()));
    client.out.onError(Status.ABORTED.asRuntimeException());
    Status end = player.end(BOUND.toNanos());
    assertFalse(end == null, "the stream ends");
    Throwable thrown = failure.get();
    if (thrown != null && !(thrown instanceof BuildException || thrown instanceof IOException)) {
      throw new AssertionError("not a failure but a defect", thrown);
    }
    assertFalse(thrown != null && String.valueOf(thrown.getMessage()).isBlank(), "no text");
    return String.valueOf(heard.get());
  }

  /** A client whose messages are frames, or what became of them. */
  private static final class Bytes implements ClientResponseObserver<BytesMessage, BytesMessage> {
    private final Player player;
    final FrameRecorder.Frames heard = new FrameRecorder.Frames();
    private @Nullable ClientCallStreamObserver<BytesMessage> stream;

    Bytes(Player player) {
      this.player = player;
    }

    /** What the client says goes here. */
    final StreamObserver<ByteString> out =
        new StreamObserver<>() {
          @Override
          public void onNext(ByteString message) {
            stream().onNext(BytesMessage.newBuilder().setData(message).build());
          }

          @Override
          public void onError(Throwable cause) {
            stream().cancel("the client is gone", cause);
          }

          @Override
          public void onCompleted() {
            stream().onCompleted();
          }
        };

    private ClientCallStreamObserver<BytesMessage> stream() {
      return Objects.requireNonNull(stream, "the call has begun");
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<BytesMessage> request) {
      stream = request;
    }

    @Override
    public void onNext(BytesMessage message) {
      for (ByteString frame : heard.add(message.getData(), true)) {
        player.onNext(FrameChange.key(frame));
      }
    }

    @Override
    public void onError(Throwable cause) {
      player.onError(cause);
    }

    @Override
    public void onCompleted() {
      player.onCompleted();
    }
  }
}
