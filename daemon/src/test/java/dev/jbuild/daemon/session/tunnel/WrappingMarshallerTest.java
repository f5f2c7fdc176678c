package dev.jbuild.daemon.session.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import moby.buildkit.v1.BytesMessage;
import org.junit.jupiter.api.Test;

class WrappingMarshallerTest {
  private static final BytesMessage MESSAGE =
      BytesMessage.newBuilder().setData(ByteString.copyFrom(new byte[100_000])).build();

  private final WrappingMarshaller<BytesMessage> marshaller =
      new WrappingMarshaller<>(BytesMessage.getDefaultInstance());

  @Test
  void whatIsWrittenIsReadAgain() {
    assertEquals(MESSAGE, marshaller.parse(marshaller.stream(MESSAGE)));
  }

  @Test
  void streamThatDoesNotKnowItsLengthIsReadToItsEnd() {
    InputStream inflating =
        new ByteArrayInputStream(MESSAGE.toByteArray()) {
          @Override
          public synchronized int available() {
            return 1;
          }
        };
    assertEquals(MESSAGE, marshaller.parse(inflating));
  }

  @Test
  void brokenMessageIsAStatusWithItsCause() {
    var stream = new ByteArrayInputStream(new byte[] {7, 7, 7});
    var failure = assertThrows(StatusRuntimeException.class, () -> marshaller.parse(stream));
    assertEquals(Status.Code.INTERNAL, failure.getStatus().getCode());
    assertInstanceOf(InvalidProtocolBufferException.class, failure.getCause());
  }

  @Test
  void streamThatFailsIsAStatusToo() {
    InputStream broken =
        new ByteArrayInputStream(MESSAGE.toByteArray()) {
          @Override
          public void close() throws IOException {
            throw new IOException("gone");
          }
        };
    var failure = assertThrows(StatusRuntimeException.class, () -> marshaller.parse(broken));
    assertEquals(Status.Code.INTERNAL, failure.getStatus().getCode());
  }
}
