package dev.jbuild.daemon.session.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import com.google.protobuf.ByteString;
import dev.jbuild.daemon.fuzz.CountedThreads;
import dev.jbuild.daemon.fuzz.Player;
import dev.jbuild.daemon.fuzz.Player.Ending;
import dev.jbuild.daemon.fuzz.RawCalls;
import dev.jbuild.daemon.fuzz.Turn;
import dev.jbuild.daemon.fuzz.Wire;
import dev.jbuild.linux.libc.LibcKernel;
import dev.jbuild.session.direct.DirectoryFileSync;
import fsutil.types.Packet;
import fsutil.types.Packet.PacketType;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import moby.filesync.v1.FileSyncGrpc;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class BrokenMessagesTest {
  private static final ByteString CUT = ByteString.copyFrom(new byte[] {0x22, 0x7f, 1});

  /** The handler was not told: what sent the file waited for a call that had ended. */
  @Test
  void callerIsToldAndTheHandlerEnds(@TempDir Path dir) throws Exception {
    Files.write(dir.resolve("big"), new byte[50_000_000]);
    var threads = new CountedThreads();
    var files = new DirectoryFileSync(Map.of("context", dir), new LibcKernel());
    var wire = new Wire();
    try (wire) {
      var headers = new Metadata();
      headers.put(Metadata.Key.of("dir-name", Metadata.ASCII_STRING_MARSHALLER), "context");
      ClientCall<ByteString, ByteString> call =
          RawCalls.call(
              wire.to(new FileSyncService(files, Wire::headers, threads)),
              FileSyncGrpc.getDiffCopyMethod(),
              headers);
      var player = Player.patient();
      var ask = Packet.newBuilder().setType(PacketType.PACKET_REQ).build().toByteString();
      player.play(
          List.of(new Turn.Hear(ByteString.EMPTY), new Turn.Say(ask), new Turn.Say(CUT)),
          Ending.SILENCE,
          ClientCalls.asyncBidiStreamingCall(call, player));
      Status end = player.end(TimeUnit.SECONDS.toNanos(20));
      assertNotNull(end, "the call ends");
      assertEquals(Status.Code.INVALID_ARGUMENT, end.getCode());
      assertEquals(
          "moby.filesync.v1.FileSync/DiffCopy: a message can not be parsed: While parsing a"
              + " protocol message, the input ended unexpectedly in the middle of a field.  This"
              + " could mean either that the input has been truncated or that an embedded message"
              + " misreported its own length.",
          end.getDescription());
      threads.assertAllEnd(Duration.ofSeconds(10));
    }
  }
}
