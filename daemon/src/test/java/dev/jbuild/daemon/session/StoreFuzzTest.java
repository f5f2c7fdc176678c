package dev.jbuild.daemon.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import containerd.services.content.v1.ContentGrpc;
import containerd.services.content.v1.ReadContentResponse;
import dev.jbuild.daemon.fuzz.CountedThreads;
import dev.jbuild.daemon.fuzz.FieldChange;
import dev.jbuild.daemon.fuzz.FuzzRun;
import dev.jbuild.daemon.fuzz.Mutator;
import dev.jbuild.daemon.fuzz.Player;
import dev.jbuild.daemon.fuzz.Player.Ending;
import dev.jbuild.daemon.fuzz.RawCalls;
import dev.jbuild.daemon.fuzz.Turn;
import dev.jbuild.daemon.fuzz.Wire;
import dev.jbuild.daemon.session.store.IncomingLayout;
import dev.jbuild.daemon.session.store.RemoteBlobs;
import dev.jbuild.daemon.session.store.RemoteLayouts;
import dev.jbuild.daemon.session.store.StoreService;
import dev.jbuild.oci.Digest;
import dev.jbuild.session.direct.DirectoryLayouts;
import io.grpc.BindableService;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A daemon that asks a client's stores for what they do not have, and writes what it did not say.
 */
@Timeout(7200)
class StoreFuzzTest {
  private static final Duration BOUND = Duration.ofSeconds(20);
  private static final byte[] BYTES = new byte[200_000];
  private static final Digest BLOB;

  static {
    new Random(11).nextBytes(BYTES);
    BLOB = Digest.of(BYTES);
  }

  private final Wire process = new Wire();
  private final CountedThreads threads = new CountedThreads();
  private final Mutator mutator = new Mutator(new FieldChange());
  private final List<Said> all = new ArrayList<>();
  private @TempDir Path dir;
  private Path offered;
  private Path taken;
  private Channel client;

  /** What a daemon said in a call. */
  private record Said(
      MethodDescriptor<?, ?> method, List<Turn> turns, Map<String, String> headers) {}

  @BeforeEach
  void record() throws Exception {
    offered = Files.createDirectories(dir.resolve("offered"));
    taken = Files.createDirectories(dir.resolve("taken"));
    Path blobs = Files.createDirectories(offered.resolve("blobs/sha256"));
    Files.write(blobs.resolve(BLOB.hex()), BYTES);
    Path outside = Files.writeString(dir.resolve("outside"), "nobody's business");
    Files.createSymbolicLink(blobs.resolve("0".repeat(64)), outside);
    var layouts = new DirectoryLayouts(Map.of("l", offered));
    client =
        process.to(
            new StoreService(
                layouts, exporter -> new IncomingLayout(taken), Wire::headers, threads));
    add(
        ContentGrpc.getReadMethod(),
        Map.of("buildkit-attachable-store-id", "oci:l"),
        recorded -> {
          try (var in = new RemoteLayouts(recorded).layout("l").blob(BLOB)) {
            assertEquals(BYTES.length, in.readAllBytes().length);
          }
        });
    add(
        ContentGrpc.getWriteMethod(),
        Map.of("buildkit-attachable-store-id", "export", "buildkit-attachable-exporter-id", "0"),
        recorded ->
            new RemoteBlobs(recorded, 0)
                .put(BLOB, BYTES.length, () -> new ByteArrayInputStream(BYTES)));
  }

  @AfterEach
  void stop() {
    process.close();
  }

  private interface Use {
    void of(Channel recorded) throws Exception;
  }

  private void add(MethodDescriptor<?, ?> method, Map<String, String> headers, Use use)
      throws Exception {
    var conversation = new ArrayList<Turn.Spoken>();
    use.of(process.to(recording(method, headers, conversation)));
    synchronized (conversation) {
      all.add(new Said(method, Turn.part(conversation, true), headers));
    }
  }

  private BindableService recording(
      MethodDescriptor<?, ?> method, Map<String, String> headers, List<Turn.Spoken> into) {
    Channel named =
        ClientInterceptors.intercept(
            client, MetadataUtils.newAttachHeadersInterceptor(metadata(headers)));
    return RawCalls.recording(method, named, into);
  }

  private static Metadata metadata(Map<String, String> headers) {
    var metadata = new Metadata();
    headers.forEach(
        (name, value) ->
            metadata.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value));
    return metadata;
  }

  private static Metadata changed(Map<String, String> headers, Random random) {
    Metadata metadata = metadata(headers);
    if (random.nextInt(4) == 0) {
      var keys = List.copyOf(headers.keySet());
      var key =
          Metadata.Key.of(keys.get(random.nextInt(keys.size())), Metadata.ASCII_STRING_MARSHALLER);
      metadata.removeAll(key);
      List<String> values =
          List.of(
              "", "export", "oci:l", "oci:", "oci:../taken", "-1", "99999999999", "x".repeat(5000));
      metadata.put(key, values.get(random.nextInt(values.size())));
    }
    return metadata;
  }

  @Test
  void changedQuestionsGetNothingButBlobsAndLeaveNothingButBlobs() throws Exception {
    for (Said said : all) {
      Files.deleteIfExists(DirectoryLayouts.blob(taken, BLOB));
      Status end = ask(said, said.turns(), metadata(said.headers()), Ending.COMPLETE, true);
      assertEquals(Status.Code.OK, end.getCode(), end::toString);
    }
    assertTrue(Files.exists(DirectoryLayouts.blob(taken, BLOB)), "the blob was written");
    var failed = new AtomicLong();
    long cases =
        FuzzRun.of(
            "store",
            random -> {
              if (random.nextInt(10) == 0) {
                Files.deleteIfExists(DirectoryLayouts.blob(taken, BLOB));
              }
              Said said = all.get(random.nextInt(all.size()));
              List<Turn> part = mutator.mutate(all.stream().map(Said::turns).toList(), random);
              Metadata headers = changed(said.headers(), random);
              Status end = ask(said, part, headers, Ending.any(random), false);
              assertFalse(
                  !end.isOk() && String.valueOf(end.getDescription()).isBlank(), end::toString);
              failed.addAndGet(end.isOk() ? 0 : 1);
            });
    assertTrue(cases > 20 && failed.get() > 0, cases + ", " + failed);
    threads.assertAllEnd(BOUND);
    assertOnlyBlobs();
    assertEquals("nobody's business", Files.readString(dir.resolve("outside")));
  }

  /** Half written ones go when their calls have ended, which their daemon need not have seen. */
  private void assertOnlyBlobs() throws IOException {
    long end = System.nanoTime() + BOUND.toNanos();
    while (parts() > 0 && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    try (Stream<Path> files = Files.walk(taken)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertEquals(
            file.getFileName().toString(), Digest.of(Files.readAllBytes(file)).hex(), "a blob");
      }
    }
    try (Stream<Path> files = Files.walk(offered)) {
      assertEquals(1, files.filter(f -> Files.isRegularFile(f, LinkOption.NOFOLLOW_LINKS)).count());
    }
  }

  private long parts() throws IOException {
    try (Stream<Path> files = Files.list(taken.resolve("blobs/sha256"))) {
      return files.filter(file -> file.toString().endsWith(".part")).count();
    }
  }

  private Status ask(Said said, List<Turn> part, Metadata headers, Ending ending, boolean whole)
      throws Exception {
    Player player = whole ? Player.patient() : Player.hasty();
    ClientCall<ByteString, ByteString> call = RawCalls.call(client, said.method(), headers);
    player.play(part, ending, ClientCalls.asyncBidiStreamingCall(call, player));
    long patience = ending == Ending.SILENCE ? 50 : BOUND.toMillis();
    @Nullable Status end = player.end(TimeUnit.MILLISECONDS.toNanos(patience));
    if (end == null) {
      assertEquals(Ending.SILENCE, ending, "the call does not end");
      call.cancel("enough", null);
      end = player.end(BOUND.toNanos());
    }
    assertNotNull(end, "the call ends");
    if (said.method().equals(ContentGrpc.getReadMethod())) {
      for (ByteString heard : player.heard()) {
        ReadContentResponse piece = ReadContentResponse.parseFrom(heard);
        ByteString there =
            ByteString.copyFrom(BYTES, (int) piece.getOffset(), piece.getData().size());
        assertEquals(there, piece.getData(), "bytes of the blob that is offered");
      }
    }
    return end;
  }
}
