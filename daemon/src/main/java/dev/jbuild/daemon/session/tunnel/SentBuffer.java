package dev.jbuild.daemon.session.tunnel;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufInputStream;
import java.io.IOException;
import java.io.OutputStream;

/**
 * A message that lies in a buffer. gRPC drains it where it can, and closes it when it is sent or
 * will not be, which gives the buffer back.
 */
public final class SentBuffer extends ByteBufInputStream implements KnownLength, Drainable {
  private final ByteBuf message;

  /**
   * @param message given away
   */
  public SentBuffer(ByteBuf message) {
    super(message, true);
    this.message = message;
  }

  @Override
  public int drainTo(OutputStream target) throws IOException {
    int bytes = available();
    message.readBytes(target, bytes);
    return bytes;
  }
}
