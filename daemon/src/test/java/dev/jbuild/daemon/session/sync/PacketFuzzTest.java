package dev.jbuild.daemon.session.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.jbuild.daemon.fuzz.CountedThreads;
import dev.jbuild.daemon.fuzz.FuzzRun;
import dev.jbuild.daemon.fuzz.Mutator;
import dev.jbuild.daemon.fuzz.PacketChange;
import dev.jbuild.daemon.fuzz.Player;
import dev.jbuild.daemon.fuzz.Player.Ending;
import dev.jbuild.daemon.fuzz.RawCalls;
import dev.jbuild.daemon.fuzz.Turn;
import dev.jbuild.daemon.fuzz.Wire;
import dev.jbuild.error.BuildException;
import dev.jbuild.linux.libc.LibcKernel;
import dev.jbuild.session.FileSync;
import dev.jbuild.session.direct.DirectoryFileSync;
import dev.jbuild.snapshot.Durability;
import dev.jbuild.source.local.LocalMirrors;
import fsutil.types.Packet;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import moby.filesync.v1.FileSyncGrpc;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whole conversations about a directory, changed: as a client's to the daemon, and back. */
@Timeout(7200)
class PacketFuzzTest {
  private static final MethodDescriptor<?, ?> METHOD = FileSyncGrpc.getDiffCopyMethod();
  private static final FileSync.Filter ALL = new FileSync.Filter(List.of(), List.of(), List.of());
  private static final Duration BOUND = Duration.ofSeconds(20);
  private static final int MIRRORS = 8;

  private final Wire process = new Wire();
  private final CountedThreads threads = new CountedThreads();
  private final ExecutorService readers = Executors.newThreadPerTaskExecutor(threads);
  private final LibcKernel kernel = new LibcKernel();
  private final Mutator mutator = new Mutator(new PacketChange());
  private final List<Turn.Spoken> conversation = new ArrayList<>();
  private @TempDir Path dir;
  private Path context;
  private LocalMirrors mirrors;
  private Channel client;

  @BeforeEach
  void record() throws Exception {
    context = Trees.make(dir.resolve("context"), kernel);
    Path contexts = dir.resolve("contexts");
    mirrors =
        new LocalMirrors(
            contexts,
            kernel,
            new Durability(contexts.resolve(".unsynced"), "boot", kernel, later -> {}),
            readers,
            () -> Instant.ofEpochSecond(9_000_000_000L));
    mirrors.open();
    var files = new DirectoryFileSync(Map.of("context", context), kernel);
    client = process.to(new FileSyncService(files, Wire::headers, threads));
    var recorded = process.to(RawCalls.recording(METHOD, client, conversation));
    try (var lease = mirrors.sync("recorded", new RemoteFileSync(recorded, ""), "context", ALL)) {
      assertEquals(Trees.FILES, lease.filesReceived());
    }
    assertTrue(conversation.size() > 2 * Trees.FILES, () -> "recorded: " + conversation.size());
  }

  @AfterEach
  void stop() {
    process.close();
    readers.shutdownNow();
  }

  private static Metadata named(String name) {
    var headers = new Metadata();
    headers.put(Metadata.Key.of("dir-name", Metadata.ASCII_STRING_MARSHALLER), name);
    return headers;
  }

  /** Parts of clients, by the name of the directory that a case asks for. */
  private final Map<String, Part> parts = new ConcurrentHashMap<>();

  private record Part(List<Turn> turns, Ending ending) {}

  private StreamObserver<ByteString> play(Metadata headers, StreamObserver<ByteString> back) {
    String name =
        String.valueOf(headers.get(Metadata.Key.of("dir-name", Metadata.ASCII_STRING_MARSHALLER)));
    Part part = Objects.requireNonNull(parts.remove(name));
    Player player = name.equals("whole") ? Player.patient() : Player.hasty();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                player.play(part.turns(), part.ending(), back);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    return player;
  }

  @Test
  void changedFilesOfClientsEndInAStateOrAnError() throws Exception {
    List<Turn> whole = Turn.part(conversation, false);
    Channel hostile = process.to(RawCalls.service(METHOD, this::play));
    var files = new RemoteFileSync(hostile, "");
    var numbers = new AtomicLong();
    parts.put("whole", new Part(whole, Ending.COMPLETE));
    assertEquals("", receive(files, "whole", "whole", Ending.COMPLETE));
    var taken = new AtomicLong();
    long cases =
        FuzzRun.of(
            "sync-receiver",
            random -> {
              String name = "case" + numbers.getAndIncrement();
              Ending ending = Ending.any(random);
              List<Turn> part = mutator.mutate(List.of(whole), random);
              parts.put(name, new Part(part, ending));
              String key = "mirror" + random.nextInt(MIRRORS);
              taken.addAndGet(receive(files, key, name, ending).isEmpty() ? 1 : 0);
            });
    assertTrue(cases > 20 && taken.get() > 0 && taken.get() < cases, cases + ", " + taken);
    threads.assertAllEnd(BOUND);
    Trees.assertOutsideUntouched(dir);
    try (var names = Files.list(dir.resolve("contexts"))) {
      assertTrue(names.count() < MIRRORS + 5, "only mirrors are there");
    }
    // Those that come after are served as ever.
    try (var lease = mirrors.sync("mirror0", new RemoteFileSync(client, ""), "context", ALL)) {
      assertEquals(Trees.NAMES, Trees.paths(lease.tree()));
    }
  }

  /** What the receiver says of it: nothing when it takes all. */
  private String receive(FileSync files, String key, String name, Ending ending) throws Exception {
    var failure = new AtomicReference<@Nullable Throwable>();
    Thread thread =
        threads.newThread(
            () -> {
              try (var lease = mirrors.sync(key, files, name, ALL)) {
                for (String path : Trees.paths(lease.tree())) {
                  assertFalse(("/" + path + "/").contains("/../"), path);
                }
              } catch (Throwable cause) {
                failure.set(cause);
              }
            });
    thread.start();
    if (ending == Ending.SILENCE && !thread.join(Duration.ofMillis(100))) {
      thread.interrupt(); // the build is cancelled
    }
    assertTrue(thread.join(BOUND), () -> "receiving goes on: " + List.of(thread.getStackTrace()));
    Throwable thrown = failure.get();
    if (thrown == null) {
      if (name.hashCode() % 8 == 0) {
        prune();
      }
      return "";
    }
    boolean cancelled = ending == Ending.SILENCE && thrown instanceof InterruptedException;
    if (!(thrown instanceof BuildException || thrown instanceof IOException || cancelled)) {
      throw new AssertionError("not a failure but a defect", thrown);
    }
    assertFalse(!cancelled && String.valueOf(thrown.getMessage()).isBlank(), "it has no text");
    return thrown.toString();
  }

  /** As one asks for it while others build. */
  private synchronized void prune() throws IOException {
    for (LocalMirrors.Kept kept : mirrors.all()) {
      mirrors.remove(kept.id());
    }
  }

  @Test
  void changedQuestionsOfDaemonsGetNothingButTheFiles() throws Exception {
    List<Turn> whole = Turn.part(conversation, true);
    assertEquals(Status.Code.OK, ask(whole, Ending.COMPLETE, Player.patient()).getCode());
    var failed = new AtomicLong();
    long cases =
        FuzzRun.of(
            "sync-sender",
            random -> {
              List<Turn> part = mutator.mutate(List.of(whole), random);
              Status end = ask(part, Ending.any(random), Player.hasty());
              assertFalse(
                  !end.isOk() && String.valueOf(end.getDescription()).isBlank(), end::toString);
              failed.addAndGet(end.isOk() ? 0 : 1);
            });
    assertTrue(cases > 20 && failed.get() > 0, cases + ", " + failed);
    threads.assertAllEnd(BOUND);
    Trees.assertOutsideUntouched(dir);
    assertEquals(Status.Code.OK, ask(whole, Ending.COMPLETE, Player.patient()).getCode());
  }

  /** As the fuzzing found it. */
  @Test
  void aDaemonThatGivesUpWithoutAWordIsAnsweredWithSome() throws Exception {
    var error = Packet.newBuilder().setType(Packet.PacketType.PACKET_ERR).build();
    List<Turn> part = List.of(new Turn.Say(error.toByteString()));
    Status end = ask(part, Ending.COMPLETE, Player.patient());
    assertEquals("the other side has given up and does not say why", end.getDescription());
  }

  private Status ask(List<Turn> part, Ending ending, Player player) throws Exception {
    ClientCall<ByteString, ByteString> call = RawCalls.call(client, METHOD, named("context"));
    player.play(part, ending, ClientCalls.asyncBidiStreamingCall(call, player));
    long patience = ending == Ending.SILENCE ? 50 : BOUND.toMillis();
    Status end = player.end(TimeUnit.MILLISECONDS.toNanos(patience));
    if (end == null) {
      assertEquals(Ending.SILENCE, ending, "the call does not end");
      call.cancel("enough", null);
      end = player.end(BOUND.toNanos());
    }
    long bytes = 0;
    for (ByteString heard : player.heard()) {
      bytes += data(heard);
    }
    assertTrue(bytes <= Trees.BYTES, "more came than there is: " + bytes);
    return assertEnded(end);
  }

  private static int data(ByteString heard) throws InvalidProtocolBufferException {
    Packet packet = Packet.parseFrom(heard);
    return packet.getType() == Packet.PacketType.PACKET_DATA ? packet.getData().size() : 0;
  }

  private static Status assertEnded(@Nullable Status end) {
    assertNotNull(end, "the call ends");
    return end;
  }
}
