package dev.jbuild.daemon.session.sync;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import fsutil.types.Packet;
import fsutil.types.Packet.PacketType;
import fsutil.types.Stat;
import io.grpc.KnownLength;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArrivalMarshallerTest {
  private final ArrivalMarshaller marshaller = new ArrivalMarshaller();

  private static final class Arriving extends ByteArrayInputStream implements KnownLength {
    Arriving(byte[] message) {
      super(message);
    }
  }

  private static ByteString data(int length) {
    var bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return ByteString.copyFrom(bytes);
  }

  private ArrivedPacket parse(byte[] message) {
    return marshaller.parse(new Arriving(message));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4000, 4096, 300_000})
  void contentOfAnyLengthIsRead(int length) {
    var packet =
        Packet.newBuilder().setType(PacketType.PACKET_DATA).setID(7).setData(data(length)).build();
    ArrivedPacket arrived = parse(packet.toByteArray());
    assertEquals(PacketType.PACKET_DATA, arrived.packet().getType());
    assertEquals(7, arrived.packet().getID());
    assertArrayEquals(packet.getData().toByteArray(), ByteBufUtil.getBytes(arrived.content()));
    arrived.content().release();
  }

  @Test
  void fieldsComeInAnyOrder() {
    byte[] id = Packet.newBuilder().setID(3).build().toByteArray();
    byte[] data = Packet.newBuilder().setData(data(5000)).build().toByteArray();
    byte[] type = Packet.newBuilder().setType(PacketType.PACKET_DATA).build().toByteArray();
    ArrivedPacket arrived = parse(ByteBufUtil.getBytes(Unpooled.wrappedBuffer(data, type, id)));
    assertEquals(3, arrived.packet().getID());
    assertArrayEquals(data(5000).toByteArray(), ByteBufUtil.getBytes(arrived.content()));
  }

  @Test
  void largePacketOfAnotherTypeIsWhole() {
    var stat = Stat.newBuilder().setPath("a").putXattrs("user.large", data(9000)).build();
    var entry = Packet.newBuilder().setStat(stat).build();
    assertEquals(entry, parse(entry.toByteArray()).packet());
    var error = Packet.newBuilder().setType(PacketType.PACKET_ERR).setData(data(9000)).build();
    assertEquals(error, parse(error.toByteArray()).packet());
    assertEquals(0, parse(error.toByteArray()).content().readableBytes());
  }

  @Test
  void contentWithAnEntryBesideItIsContent() {
    var both =
        Packet.newBuilder()
            .setType(PacketType.PACKET_DATA)
            .setStat(Stat.newBuilder().setPath("a"))
            .setID(2)
            .setData(data(9000))
            .build();
    ArrivedPacket arrived = parse(both.toByteArray());
    assertEquals(2, arrived.packet().getID());
    assertArrayEquals(data(9000).toByteArray(), ByteBufUtil.getBytes(arrived.content()));
  }

  @Test
  void brokenPacketIsAStatus() {
    byte[] whole =
        Packet.newBuilder()
            .setType(PacketType.PACKET_DATA)
            .setData(data(9000))
            .build()
            .toByteArray();
    byte[] cut = java.util.Arrays.copyOf(whole, 8000);
    var failure = assertThrows(StatusRuntimeException.class, () -> parse(cut));
    assertEquals(Status.Code.INTERNAL, failure.getStatus().getCode());
  }

  @Test
  void senderWritesWhatIsReadHere() throws IOException {
    var packet = Packet.newBuilder().setType(PacketType.PACKET_DATA).setID(1).build();
    try (var sent = new PacketMarshaller().stream(Unpooled.wrappedBuffer(packet.toByteArray()))) {
      assertEquals(packet, Packet.parseFrom(sent));
    }
  }
}
