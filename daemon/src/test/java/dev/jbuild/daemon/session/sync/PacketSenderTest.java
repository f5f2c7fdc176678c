package dev.jbuild.daemon.session.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.jbuild.linux.libc.LibcKernel;
import dev.jbuild.session.direct.DirectoryFileSync;
import fsutil.types.Packet;
import fsutil.types.Packet.PacketType;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import moby.filesync.v1.FileSyncGrpc;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The client's side against daemons that ask for what they may not. */
@Timeout(60)
class PacketSenderTest {
  private final InProcess process = new InProcess();
  private @TempDir Path dir;

  @BeforeEach
  void files() throws Exception {
    Files.createDirectory(dir.resolve("d"));
    Files.writeString(dir.resolve("d/file"), "text");
    Files.createLink(dir.resolve("d/hard"), dir.resolve("d/file"));
    Files.createSymbolicLink(dir.resolve("link"), Path.of("nowhere"));
  }

  @AfterEach
  void stop() {
    process.close();
  }

  /** A daemon's side of one call. */
  private static final class Asking implements StreamObserver<Packet> {
    private final BlockingQueue<Packet> received = new LinkedBlockingQueue<>();
    private final CompletableFuture<@Nullable Void> end = new CompletableFuture<>();

    @Override
    public void onNext(Packet packet) {
      received.add(packet);
    }

    @Override
    public void onError(Throwable cause) {
      end.completeExceptionally(cause);
    }

    @Override
    public void onCompleted() {
      end.complete(null);
    }

    String failure() throws Exception {
      var failed = assertThrows(ExecutionException.class, () -> end.get(30, TimeUnit.SECONDS));
      return String.valueOf(Status.fromThrowable(failed).getDescription());
    }
  }

  private StreamObserver<Packet> call(Asking asking) throws Exception {
    var files = new DirectoryFileSync(Map.of("context", dir), new LibcKernel());
    var headers = new Metadata();
    headers.put(Metadata.Key.of("dir-name", Metadata.ASCII_STRING_MARSHALLER), "context");
    var service = new FileSyncService(files, InProcess::headers, Thread.ofVirtual().factory());
    return FileSyncGrpc.newStub(
            ClientInterceptors.intercept(
                process.to(service), MetadataUtils.newAttachHeadersInterceptor(headers)))
        .diffCopy(asking);
  }

  private static Packet packet(PacketType type, int id) {
    return Packet.newBuilder().setType(type).setID(id).build();
  }

  private static List<Packet> walk(Asking asking) throws InterruptedException {
    var packets = new ArrayList<Packet>();
    for (Packet packet = asking.received.take();
        packet.hasStat();
        packet = asking.received.take()) {
      packets.add(packet);
    }
    return packets;
  }

  private String refusal(Packet... sent) throws Exception {
    var asking = new Asking();
    StreamObserver<Packet> out = call(asking);
    assertEquals(4, walk(asking).size());
    for (Packet packet : sent) {
      out.onNext(packet);
    }
    return asking.failure();
  }

  @Test
  void onlyFilesThatWereNamedAreSent() throws Exception {
    String noFile = "content was asked for of something that is no file";
    assertEquals(noFile, refusal(packet(PacketType.PACKET_REQ, 0)));
    assertEquals(noFile, refusal(packet(PacketType.PACKET_REQ, 2)));
    assertEquals(noFile, refusal(packet(PacketType.PACKET_REQ, 3)));
    assertEquals(noFile, refusal(packet(PacketType.PACKET_REQ, 4)));
    assertEquals(noFile, refusal(packet(PacketType.PACKET_REQ, -1)));
    assertEquals(
        "content of 'd/file' was asked for twice",
        refusal(packet(PacketType.PACKET_REQ, 1), packet(PacketType.PACKET_REQ, 1)));
  }

  @Test
  void packetsOfTheOtherRoleAreRefused() throws Exception {
    assertEquals("a packet of type 2 is not expected", refusal(packet(PacketType.PACKET_DATA, 1)));
    assertEquals(
        "a packet of type 99 is not expected",
        refusal(Packet.newBuilder().setTypeValue(99).build()));
    assertEquals(
        "no room left",
        refusal(
            Packet.newBuilder()
                .setType(PacketType.PACKET_ERR)
                .setData(ByteString.copyFromUtf8("no room left"))
                .build()));
  }

  @Test
  void filesAreSentOnceAskedForAndTheEndIsAnswered() throws Exception {
    var asking = new Asking();
    StreamObserver<Packet> out = call(asking);
    List<Packet> walk = walk(asking);
    assertEquals("d/file", walk.get(2).getStat().getLinkname());
    out.onNext(packet(PacketType.PACKET_REQ, 1));
    assertEquals("text", asking.received.take().getData().toStringUtf8());
    assertEquals(packet(PacketType.PACKET_DATA, 1), asking.received.take());
    out.onNext(packet(PacketType.PACKET_FIN, 0));
    assertEquals(packet(PacketType.PACKET_FIN, 0), asking.received.take());
    asking.end.get(30, TimeUnit.SECONDS);
  }

  @Test
  void fileThatIsGoneFailsTheTransfer() throws Exception {
    var asking = new Asking();
    StreamObserver<Packet> out = call(asking);
    assertEquals(4, walk(asking).size());
    Files.delete(dir.resolve("d/file"));
    out.onNext(packet(PacketType.PACKET_REQ, 1));
    String gone = dir.resolve("d/file") + ": was removed while the build read it; build again";
    assertEquals(gone, asking.received.take().getData().toStringUtf8());
    assertEquals(gone, asking.failure());
  }

  @Test
  void callThatEndsEarlyFails() throws Exception {
    var asking = new Asking();
    StreamObserver<Packet> out = call(asking);
    out.onCompleted();
    assertEquals("the other side has ended before it said so", asking.failure());
  }

  @Test
  void randomPacketsEndTheCall() throws Exception {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    for (int round = 0; round < 100; round++) {
      var asking = new Asking();
      StreamObserver<Packet> out = call(asking);
      int count = random.nextInt(8);
      try {
        for (int i = 0; i < count; i++) {
          out.onNext(
              Packet.newBuilder()
                  .setTypeValue(random.nextInt(6))
                  .setID(random.nextInt(6) - 1)
                  .setData(ByteString.copyFrom(new byte[random.nextInt(3)]))
                  .build());
        }
        out.onCompleted();
      } catch (IllegalStateException ended) {
        assertTrue(String.valueOf(ended.getMessage()).contains("call"), "seed " + seed);
      }
      var end = asking.end.handle((done, failure) -> true);
      assertTrue(end.get(30, TimeUnit.SECONDS), "seed " + seed);
    }
  }
}
