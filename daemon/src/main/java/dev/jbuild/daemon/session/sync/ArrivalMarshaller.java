package dev.jbuild.daemon.session.sync;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import dev.jbuild.daemon.session.tunnel.MessageBytes;
import fsutil.types.Packet;
import fsutil.types.Packet.PacketType;
import io.grpc.MethodDescriptor.Marshaller;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;

/** Reads packets. Large contents stay in the one buffer that they are read into. */
final class ArrivalMarshaller implements Marshaller<ArrivedPacket> {
  private static final int LARGE_BYTES = 4 << 10;
  private static final int TYPE_TAG = (Packet.TYPE_FIELD_NUMBER << 3) | WireFormat.WIRETYPE_VARINT;
  private static final int ID_TAG = (Packet.ID_FIELD_NUMBER << 3) | WireFormat.WIRETYPE_VARINT;
  private static final int DATA_TAG =
      (Packet.DATA_FIELD_NUMBER << 3) | WireFormat.WIRETYPE_LENGTH_DELIMITED;

  @Override
  public InputStream stream(ArrivedPacket packet) {
    throw new UnsupportedOperationException("packets are written by PacketSender");
  }

  @Override
  public ArrivedPacket parse(InputStream message) {
    try (message) {
      if (message.available() < LARGE_BYTES) {
        return ArrivedPacket.of(Packet.parseFrom(message));
      }
      ByteBuf bytes = MessageBytes.buffer(message);
      try {
        return parse(bytes);
      } finally {
        bytes.release();
      }
    } catch (IOException e) {
      throw MessageBytes.broken(e);
    }
  }

  private static ArrivedPacket parse(ByteBuf bytes) throws IOException {
    CodedInputStream fields =
        CodedInputStream.newInstance(bytes.array(), bytes.arrayOffset(), bytes.readableBytes());
    var packet = Packet.newBuilder();
    ByteBuf content = Unpooled.EMPTY_BUFFER;
    boolean more = false;
    for (int tag = fields.readTag(); tag != 0; tag = fields.readTag()) {
      switch (tag) {
        case TYPE_TAG -> packet.setTypeValue(fields.readEnum());
        case ID_TAG -> packet.setID(fields.readUInt32());
        case DATA_TAG -> {
          int length = fields.readRawVarint32();
          int offset = fields.getTotalBytesRead();
          fields.skipRawBytes(length);
          content = bytes.slice(offset, length);
        }
        default -> {
          more = true;
          fields.skipField(tag);
        }
      }
    }
    return more || packet.getType() != PacketType.PACKET_DATA
        ? ArrivedPacket.of(Packet.parseFrom(bytes.nioBuffer()))
        : new ArrivedPacket(packet.build(), content.retain());
  }
}
