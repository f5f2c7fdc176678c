package dev.jbuild.daemon.session.tunnel;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import io.grpc.MethodDescriptor.Marshaller;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;
import moby.buildkit.v1.BytesMessage;

/**
 * Messages that are {@code BytesMessage} on the wire and a buffer here, so that their bytes go from
 * one connection to the other with one copy. Who gives a buffer to a call gives it away.
 */
final class BufferMarshaller implements Marshaller<ByteBuf> {
  private static final int MAX_HEAD_BYTES = 6;
  private static final int DATA_TAG =
      (BytesMessage.DATA_FIELD_NUMBER << 3) | WireFormat.WIRETYPE_LENGTH_DELIMITED;

  @Override
  public InputStream stream(ByteBuf data) {
    int length = data.readableBytes();
    ByteBuf head = Unpooled.buffer(MAX_HEAD_BYTES);
    head.writeByte(DATA_TAG);
    int left = length;
    while (left >= 0x80) {
      head.writeByte((left & 0x7f) | 0x80);
      left >>>= 7;
    }
    head.writeByte(left);
    return new SentBuffer(Unpooled.wrappedBuffer(head, data));
  }

  @Override
  public ByteBuf parse(InputStream message) {
    try (message) {
      ByteBuf bytes = MessageBytes.buffer(message);
      try {
        return data(bytes).retain();
      } finally {
        bytes.release();
      }
    } catch (IOException e) {
      throw MessageBytes.broken(e);
    }
  }

  /** The same buffer, with nothing but the last data to be read. */
  private static ByteBuf data(ByteBuf bytes) throws IOException {
    CodedInputStream fields =
        CodedInputStream.newInstance(bytes.array(), bytes.arrayOffset(), bytes.readableBytes());
    int offset = 0;
    int length = 0;
    for (int tag = fields.readTag(); tag != 0; tag = fields.readTag()) {
      if (tag == DATA_TAG) {
        length = fields.readRawVarint32();
        offset = fields.getTotalBytesRead();
        fields.skipRawBytes(length);
      } else if (!fields.skipField(tag)) {
        throw new InvalidProtocolBufferException("a group ends that did not begin");
      }
    }
    return bytes.setIndex(offset, offset + length);
  }
}
