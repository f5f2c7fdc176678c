package dev.jbuild.daemon.session.sync;

import dev.jbuild.daemon.session.tunnel.SentBuffer;
import io.grpc.MethodDescriptor.Marshaller;
import io.netty.buffer.ByteBuf;
import java.io.InputStream;

/** Packets that a {@link PacketSender} has written. Nobody reads them as such. */
final class PacketMarshaller implements Marshaller<ByteBuf> {
  @Override
  public InputStream stream(ByteBuf packet) {
    return new SentBuffer(packet);
  }

  @Override
  public ByteBuf parse(InputStream packet) {
    throw new UnsupportedOperationException("packets are read by PacketWalk");
  }
}
