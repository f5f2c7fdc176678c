package dev.jbuild.daemon.session.sync;

import fsutil.types.Packet;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * A packet as it came.
 *
 * @param packet whose data is not to be read where it is the content of a file
 * @param content of a file, or empty; whoever takes it releases it
 */
record ArrivedPacket(Packet packet, ByteBuf content) {
  static ArrivedPacket of(Packet packet) {
    return packet.getType() == Packet.PacketType.PACKET_DATA
        ? new ArrivedPacket(packet, Unpooled.wrappedBuffer(packet.getData().asReadOnlyByteBuffer()))
        : new ArrivedPacket(packet, Unpooled.EMPTY_BUFFER);
  }
}
