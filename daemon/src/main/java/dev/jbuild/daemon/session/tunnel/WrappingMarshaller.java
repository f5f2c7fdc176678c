package dev.jbuild.daemon.session.tunnel;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import com.google.protobuf.UnsafeByteOperations;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.Status;
import io.grpc.protobuf.ProtoUtils;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Reads messages that carry much data: the bytes of a message are copied once, and its fields lie
 * in that copy, where gRPC's own way copies them twice.
 *
 * @param <M> message
 */
public final class WrappingMarshaller<M extends Message> implements Marshaller<M> {
  private final Marshaller<M> plain;
  private final Parser<M> parser;

  /**
   * @param none a message without content
   */
  @SuppressWarnings("unchecked") // a message's parser makes messages of its class
  public WrappingMarshaller(M none) {
    plain = ProtoUtils.marshaller(none);
    parser = (Parser<M>) none.getParserForType();
  }

  @Override
  public InputStream stream(M message) {
    return plain.stream(message);
  }

  @Override
  public M parse(InputStream message) {
    try (message) {
      CodedInputStream fields = UnsafeByteOperations.unsafeWrap(bytes(message)).newCodedInput();
      fields.enableAliasing(true);
      M parsed = parser.parseFrom(fields);
      fields.checkLastTagWas(0);
      return parsed;
    } catch (InvalidProtocolBufferException e) {
      throw broken(e);
    } catch (IOException e) {
      throw broken(new InvalidProtocolBufferException(e));
    }
  }

  /** Only a compressed message does not know its length. */
  private static byte[] bytes(InputStream message) throws IOException {
    if (!(message instanceof KnownLength)) {
      return message.readAllBytes();
    }
    var bytes = new byte[message.available()];
    int read = message.readNBytes(bytes, 0, bytes.length);
    return read == bytes.length ? bytes : Arrays.copyOf(bytes, read);
  }

  private static RuntimeException broken(InvalidProtocolBufferException cause) {
    return Status.INTERNAL
        .withDescription("Invalid protobuf byte sequence")
        .withCause(cause)
        .asRuntimeException();
  }
}
