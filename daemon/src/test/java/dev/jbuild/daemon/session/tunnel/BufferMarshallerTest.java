package dev.jbuild.daemon.session.tunnel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import io.grpc.KnownLength;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Random;
import moby.buildkit.v1.BytesMessage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BufferMarshallerTest {
  private final BufferMarshaller marshaller = new BufferMarshaller();

  private static byte[] bytes(int length) {
    var bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  private static byte[] message(byte[] data) {
    return BytesMessage.newBuilder().setData(ByteString.copyFrom(data)).build().toByteArray();
  }

  /** As gRPC's own: it knows how much is left. */
  private static final class Arriving extends ByteArrayInputStream implements KnownLength {
    Arriving(byte[] message) {
      super(message);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 127, 128, 16_383, 16_384, 300_000})
  void whatIsSentIsTheMessageThatOthersRead(int length) throws IOException {
    ByteBuf data = Unpooled.wrappedBuffer(bytes(length));
    try (InputStream sent = marshaller.stream(data)) {
      var drained = new ByteArrayOutputStream();
      ((SentBuffer) sent).drainTo(drained);
      assertArrayEquals(
          bytes(length), BytesMessage.parseFrom(drained.toByteArray()).getData().toByteArray());
      assertEquals(0, sent.available());
    }
    assertEquals(length == 0 ? 1 : 0, data.refCnt(), "none is counted where nothing is in it");
  }

  @Test
  void messageThatIsNotDrainedIsReadAsAnyStream() throws IOException {
    try (InputStream sent = marshaller.stream(Unpooled.wrappedBuffer(bytes(1000)))) {
      assertArrayEquals(message(bytes(1000)), sent.readAllBytes());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 127, 128, 300_000})
  void whatOthersSendIsReadIntoOneBuffer(int length) {
    ByteBuf read = marshaller.parse(new Arriving(message(bytes(length))));
    assertArrayEquals(bytes(length), ByteBufUtil.getBytes(read));
    assertEquals(1, read.refCnt());
    read.release();
  }

  @Test
  void streamThatDoesNotKnowItsLengthIsReadToItsEnd() {
    InputStream inflating =
        new ByteArrayInputStream(message(bytes(5000))) {
          @Override
          public synchronized int available() {
            return 1;
          }
        };
    assertArrayEquals(bytes(5000), ByteBufUtil.getBytes(marshaller.parse(inflating)));
  }

  @Test
  void lastDataCountsAndOtherFieldsDoNot() {
    var unknown =
        UnknownFieldSet.newBuilder()
            .addField(9, UnknownFieldSet.Field.newBuilder().addVarint(7).build())
            .build();
    byte[] first = message(new byte[] {1, 2, 3});
    byte[] last =
        BytesMessage.newBuilder()
            .setData(ByteString.copyFrom(new byte[] {4}))
            .setUnknownFields(unknown)
            .build()
            .toByteArray();
    ByteBuf all = Unpooled.wrappedBuffer(first, last);
    ByteBuf read = marshaller.parse(new Arriving(ByteBufUtil.getBytes(all)));
    assertArrayEquals(new byte[] {4}, ByteBufUtil.getBytes(read));
  }

  @Test
  void brokenMessageIsAStatusWithItsCause() {
    for (byte[] broken : new byte[][] {{7, 7, 7}, {10, 5, 1}, {10, -1, -1, -1, -1, 15}, {12}}) {
      var failure =
          assertThrows(StatusRuntimeException.class, () -> marshaller.parse(new Arriving(broken)));
      assertEquals(Status.Code.INTERNAL, failure.getStatus().getCode());
      assertInstanceOf(InvalidProtocolBufferException.class, failure.getCause());
    }
  }

  @Test
  void streamThatFailsOrIsCutIsAStatusToo() {
    InputStream failing =
        new ByteArrayInputStream(message(bytes(10))) {
          @Override
          public void close() throws IOException {
            throw new IOException("gone");
          }
        };
    assertThrows(StatusRuntimeException.class, () -> marshaller.parse(failing));
    InputStream cut =
        new InputStreamOf(message(bytes(100))) {
          @Override
          public synchronized int available() {
            return 1000;
          }
        };
    assertThrows(StatusRuntimeException.class, () -> marshaller.parse(cut));
  }

  private static class InputStreamOf extends ByteArrayInputStream implements KnownLength {
    InputStreamOf(byte[] message) {
      super(message);
    }
  }
}
