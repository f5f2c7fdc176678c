package dev.jbuild.daemon.session.sync;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.linux.libc.LibcKernel;
import dev.jbuild.session.FileSync;
import dev.jbuild.session.direct.DirectoryFileSync;
import fsutil.types.Packet;
import fsutil.types.Packet.PacketType;
import fsutil.types.Stat;
import io.grpc.BindableService;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import moby.filesync.v1.FileSyncGrpc;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Directories as packets: both roles together, and the receiving one against broken senders. */
@Timeout(60)
class PacketTest {
  private static final Context.Key<Metadata> HEADERS = Context.key("headers");
  private static final FileSync.Filter ALL = new FileSync.Filter(List.of(), List.of(), List.of());

  @TempDir private Path dir;

  private final ExecutorService handlers = Executors.newVirtualThreadPerTaskExecutor();
  private final ThreadFactory threads = Thread.ofVirtual().factory();
  private final List<Server> servers = new ArrayList<>();
  private final List<ManagedChannel> channels = new ArrayList<>();

  @AfterEach
  void stop() {
    channels.forEach(ManagedChannel::shutdownNow);
    servers.forEach(Server::shutdownNow);
    handlers.shutdownNow();
  }

  private static Metadata headers() {
    Metadata headers = HEADERS.get();
    return headers == null ? new Metadata() : headers;
  }

  private static final class Keep implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      return Contexts.interceptCall(
          Context.current().withValue(HEADERS, headers), call, headers, next);
    }
  }

  private FileSync over(BindableService service) throws IOException {
    String name = UUID.randomUUID().toString();
    servers.add(
        InProcessServerBuilder.forName(name)
            .executor(handlers)
            .addService(service)
            .intercept(new Keep())
            .build()
            .start());
    ManagedChannel channel = InProcessChannelBuilder.forName(name).executor(handlers).build();
    channels.add(channel);
    return new RemoteFileSync(channel, "key");
  }

  private FileSync client() throws IOException {
    var files = new DirectoryFileSync(Map.of("context", dir), new LibcKernel());
    return over(new FileSyncService(files, PacketTest::headers, threads));
  }

  private static byte[] content(ReadableByteChannel from) throws IOException {
    var all = new java.io.ByteArrayOutputStream();
    ByteBuffer buffer = ByteBuffer.allocate(10_000);
    while (from.read(buffer) >= 0) {
      buffer.flip();
      all.write(buffer.array(), 0, buffer.limit());
      buffer.clear();
    }
    return all.toByteArray();
  }

  private static List<String> paths(FileSync.Walk walk) {
    var paths = new ArrayList<String>();
    walk.forEachRemaining(entry -> paths.add(entry.path()));
    return paths;
  }

  @Test
  void walkIsTheOneOfTheDirectoryItself() throws Exception {
    Files.createDirectories(dir.resolve("a/b"));
    Files.writeString(dir.resolve("a/b/file"), "text");
    Files.createSymbolicLink(dir.resolve("a/link"), Path.of("b/file"));
    Files.createLink(dir.resolve("hard"), dir.resolve("a/b/file"));
    Files.writeString(dir.resolve("a-b"), "");
    var direct = new DirectoryFileSync(Map.of("context", dir), new LibcKernel());
    var expected = new ArrayList<FileSync.Entry>();
    try (FileSync.Walk walk = direct.open("context", ALL)) {
      walk.forEachRemaining(expected::add);
    }
    var received = new ArrayList<FileSync.Entry>();
    try (FileSync.Walk walk = client().open("context", ALL)) {
      walk.forEachRemaining(received::add);
    }
    assertEquals(expected, received);
    assertEquals(6, received.size());
  }

  @Test
  void filesAreReadWhileTheWalkGoesOn() throws Exception {
    var random = new Random(5);
    for (int i = 0; i < 300; i++) {
      var bytes = new byte[random.nextInt(400_000) * (i % 3)];
      random.nextBytes(bytes);
      Files.write(dir.resolve("file" + i), bytes);
    }
    try (FileSync.Walk walk = client().open("context", ALL)) {
      var arriving = new ArrayList<Future<Path>>();
      var room = new java.util.concurrent.Semaphore(5);
      while (walk.hasNext()) {
        FileSync.Entry entry = walk.next();
        room.acquire();
        arriving.add(
            handlers.submit(
                () -> {
                  try (ReadableByteChannel from = walk.read(entry)) {
                    Path path = dir.resolve(entry.path());
                    assertArrayEquals(Files.readAllBytes(path), content(from), entry.path());
                    return path;
                  } finally {
                    room.release();
                  }
                }));
      }
      for (Future<Path> file : arriving) {
        assertTrue(Files.exists(file.get()));
      }
      assertEquals(300, arriving.size());
    }
  }

  @Test
  void filtersAreTheClients() throws Exception {
    for (String name : List.of("a.txt", "b.md", "ü.txt", "c.txt")) {
      Files.writeString(dir.resolve(name), name);
    }
    var filter = new FileSync.Filter(List.of(), List.of("*.txt", "!ü*"), List.of());
    try (FileSync.Walk walk = client().open("context", filter)) {
      assertEquals(List.of("b.md", "ü.txt"), paths(walk));
    }
    var include = new FileSync.Filter(List.of("c.txt"), List.of(), List.of());
    try (FileSync.Walk walk = client().open("context", include)) {
      assertEquals(List.of("c.txt"), paths(walk));
    }
  }

  @Test
  void nameThatIsNotOfferedIsRefused() throws Exception {
    try (FileSync.Walk walk = client().open("/etc", ALL)) {
      var refused = assertThrows(BuildException.class, walk::hasNext);
      assertEquals(Code.NOT_FOUND, refused.code());
      assertEquals(
          "the client's directory '/etc': local source '/etc': the client offers only [context]",
          refused.getMessage());
    }
  }

  @Test
  void walkThatIsEndedEarlyEndsTheCall() throws Exception {
    Files.write(dir.resolve("big"), new byte[50_000_000]);
    FileSync.Walk walk = client().open("context", ALL);
    FileSync.Entry entry = walk.next();
    ReadableByteChannel from = walk.read(entry);
    assertEquals(100, from.read(ByteBuffer.allocate(100)));
    walk.close();
    assertThrows(IOException.class, () -> content(from));
  }

  /** Sends what it is given, whatever it is told. */
  private FileSync sending(List<Packet> packets, boolean end) throws IOException {
    return over(
        new FileSyncGrpc.FileSyncImplBase() {
          @Override
          public StreamObserver<Packet> diffCopy(StreamObserver<Packet> observer) {
            packets.forEach(observer::onNext);
            if (end) {
              observer.onCompleted();
            }
            return new StreamObserver<>() {
              @Override
              public void onNext(Packet packet) {}

              @Override
              public void onError(Throwable cause) {}

              @Override
              public void onCompleted() {}
            };
          }
        });
  }

  private static Packet stat(String path) {
    return Packet.newBuilder().setStat(Stat.newBuilder().setPath(path).setMode(0644)).build();
  }

  private static Packet data(int id, String text) {
    return Packet.newBuilder()
        .setType(PacketType.PACKET_DATA)
        .setID(id)
        .setData(ByteString.copyFromUtf8(text))
        .build();
  }

  private String failure(List<Packet> packets, boolean end) throws IOException {
    try (FileSync.Walk walk = sending(packets, end).open("context", ALL)) {
      var failure =
          assertThrows(
              BuildException.class,
              () -> {
                // What comes after a walk's end fails it a little later.
                while (true) {
                  if (walk.hasNext()) {
                    assertTrue(walk.next().path().length() < 100);
                  }
                  Thread.onSpinWait();
                }
              });
      return failure.message();
    }
  }

  @Test
  void brokenStreamsAreNamed() throws Exception {
    String name = "the client's directory 'context': the stream ";
    assertEquals(name + "ended before all was sent", failure(List.of(stat("x")), true));
    assertEquals(
        name + "holds content of number 3, which was not asked for",
        failure(List.of(stat("x"), data(3, "x")), false));
    assertEquals(
        name + "holds a packet of type 1, which none sends",
        failure(List.of(Packet.newBuilder().setType(PacketType.PACKET_REQ).build()), false));
    assertEquals(
        name + "holds a packet of type 77, which none sends",
        failure(List.of(Packet.newBuilder().setTypeValue(77).build()), false));
    assertEquals(
        name + "goes on after its end",
        failure(List.of(Packet.getDefaultInstance(), stat("x")), false));
    assertEquals(
        "the client's directory 'context': no room left",
        failure(
            List.of(
                Packet.newBuilder()
                    .setType(PacketType.PACKET_ERR)
                    .setData(ByteString.copyFromUtf8("no room left"))
                    .build()),
            false));
  }

  @Test
  void randomPacketsEndInAnErrorOrAWalk() throws Exception {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    for (int round = 0; round < 150; round++) {
      var packets = new ArrayList<Packet>();
      int count = random.nextInt(12);
      for (int i = 0; i < count; i++) {
        packets.add(randomPacket(random));
      }
      var read = new ArrayList<FileSync.Entry>();
      @Nullable Exception failed = null;
      try (FileSync.Walk walk = sending(packets, true).open("context", ALL)) {
        while (walk.hasNext()) {
          FileSync.Entry entry = walk.next();
          read.add(entry);
          if ((entry.mode() & 0170000) == 0100000 && entry.linkTarget().isEmpty()) {
            try (ReadableByteChannel from = walk.read(entry)) {
              assertTrue(content(from).length < 1_000);
            }
          }
        }
      } catch (BuildException | IOException e) {
        failed = e;
      }
      assertTrue(failed == null || failed.getMessage() != null, "seed " + seed);
      assertTrue(read.size() <= count, "seed " + seed);
    }
  }

  private static Packet randomPacket(Random random) {
    var name = new byte[random.nextInt(6)];
    random.nextBytes(name);
    return switch (random.nextInt(6)) {
      case 0 -> Packet.getDefaultInstance();
      case 1 -> data(random.nextInt(4), new String(name, StandardCharsets.ISO_8859_1));
      case 2 -> Packet.newBuilder().setTypeValue(random.nextInt()).build();
      default ->
          Packet.newBuilder()
              .setStat(
                  Stat.newBuilder()
                      .setPath(new String(name, StandardCharsets.ISO_8859_1))
                      .setMode(random.nextInt())
                      .setSize(random.nextLong())
                      .setUid(random.nextInt())
                      .setModTime(random.nextLong())
                      .setLinkname(random.nextInt(4) == 0 ? "../../x" : ""))
              .build();
    };
  }
}
