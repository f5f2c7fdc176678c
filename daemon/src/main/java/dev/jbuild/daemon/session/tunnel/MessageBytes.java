package dev.jbuild.daemon.session.tunnel;

import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.KnownLength;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** The bytes of messages that arrive. */
public final class MessageBytes {
  private MessageBytes() {}

  /**
   * In a buffer that has an array, with nothing before them.
   *
   * @return for the caller to release: its memory is used again
   */
  public static ByteBuf buffer(InputStream message) throws IOException {
    if (!(message instanceof KnownLength)) {
      // Only a compressed message does not know its length.
      return Unpooled.wrappedBuffer(message.readAllBytes());
    }
    int length = message.available();
    ByteBuf bytes = PooledByteBufAllocator.DEFAULT.heapBuffer(length);
    try {
      while (bytes.readableBytes() < length) {
        if (bytes.writeBytes(message, length - bytes.readableBytes()) < 0) {
          throw new EOFException("the message is shorter than it says");
        }
      }
      return bytes.retain();
    } finally {
      bytes.release();
    }
  }

  /** As gRPC's own marshallers say it. */
  public static StatusRuntimeException broken(IOException cause) {
    return Status.INTERNAL
        .withDescription("Invalid protobuf byte sequence")
        .withCause(
            cause instanceof InvalidProtocolBufferException
                ? cause
                : new InvalidProtocolBufferException(cause))
        .asRuntimeException();
  }
}
