package dev.jbuild.daemon.session.sync;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import fsutil.types.Packet;
import fsutil.types.Packet.PacketType;
import fsutil.types.Stat;
import io.grpc.stub.StreamObserver;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ReadableByteChannel;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of the buffers that contents arrive in: each is given back once. */
class ArrivingFileTest {
  private static final int FILE = 0100644;

  private final PacketWalk walk = new PacketWalk("here");
  private final StreamObserver<ArrivedPacket> stream = walk.called(new Nowhere());
  private ReadableByteChannel file;

  private static final class Nowhere implements PacketWay {
    @Override
    public void request(int packets) {}

    @Override
    public void send(Packet packet) {}

    @Override
    public boolean complete() {
      return false;
    }

    @Override
    public void cancel(String why) {}
  }

  @BeforeEach
  void openFile() throws IOException {
    var stat = Stat.newBuilder().setPath("a").setMode(FILE & 0777).setSize(100_000);
    stream.onNext(ArrivedPacket.of(Packet.newBuilder().setStat(stat).build()));
    file = walk.read(walk.next());
  }

  private ByteBuf arrives(int length) {
    ByteBuf content = Unpooled.buffer(length).writeZero(length);
    var packet = Packet.newBuilder().setType(PacketType.PACKET_DATA).build();
    stream.onNext(new ArrivedPacket(packet, content));
    return content;
  }

  private void ends() {
    arrives(0);
  }

  @Test
  void pieceIsGivenBackWhenItIsRead() throws IOException {
    ByteBuf content = arrives(40_000);
    ByteBuffer into = ByteBuffer.allocate(30_000);
    assertEquals(30_000, file.read(into));
    assertEquals(1, content.refCnt());
    assertEquals(10_000, file.read(into.clear()));
    assertEquals(0, content.refCnt());
    ends();
    assertEquals(-1, file.read(into.clear()));
  }

  @Test
  void piecesAreReadInOrder() throws IOException {
    stream.onNext(content(1));
    stream.onNext(content(2));
    ends();
    ByteBuffer into = ByteBuffer.allocate(10);
    assertEquals(2, file.read(into));
    assertArrayEquals(new byte[] {1, 2}, new byte[] {into.get(0), into.get(1)});
  }

  private static ArrivedPacket content(int value) {
    var packet = Packet.newBuilder().setType(PacketType.PACKET_DATA).build();
    return new ArrivedPacket(packet, Unpooled.buffer(1).writeByte(value));
  }

  @Test
  void pieceOfAFileThatIsClosedIsGivenBack() throws IOException {
    ByteBuf half = arrives(40_000);
    file.read(ByteBuffer.allocate(10));
    ByteBuf waiting = arrives(40_000);
    file.close();
    assertEquals(0, half.refCnt());
    assertEquals(0, waiting.refCnt());
    assertEquals(0, arrives(5).refCnt());
    assertThrows(ClosedChannelException.class, () -> file.read(ByteBuffer.allocate(1)));
  }

  @Test
  void pieceThatNobodyAskedForIsGivenBack() {
    var packet = Packet.newBuilder().setType(PacketType.PACKET_DATA).setID(9).build();
    ByteBuf content = Unpooled.buffer(5).writeZero(5);
    stream.onNext(new ArrivedPacket(packet, content));
    assertEquals(0, content.refCnt());
    assertEquals(0, arrives(5).refCnt());
  }
}
