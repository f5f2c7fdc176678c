package dev.jbuild.daemon.session.store;

import containerd.services.content.v1.WriteAction;
import containerd.services.content.v1.WriteContentRequest;
import containerd.services.content.v1.WriteContentResponse;
import dev.jbuild.oci.Digest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * One call of {@code Write}: a blob that a daemon sends, each message of which is answered. The
 * transport calls it from one thread at a time.
 */
final class ArrivingBlob implements StreamObserver<WriteContentRequest> {
  private final StreamObserver<WriteContentResponse> call;
  private @Nullable IncomingLayout layout;
  private IncomingLayout.@Nullable Writing writing;
  private String digest = "";
  private long total;
  private boolean over;

  ArrivingBlob(StreamObserver<WriteContentResponse> call) {
    this.call = call;
  }

  /** Where it goes; not given to one that fails at once. */
  void into(IncomingLayout to) {
    layout = to;
  }

  @Override
  public void onNext(WriteContentRequest message) {
    if (over) {
      return;
    }
    try {
      take(message);
    } catch (IOException e) {
      fail(Status.FAILED_PRECONDITION.withDescription(e.getMessage()).asRuntimeException());
    } catch (StatusRuntimeException e) {
      fail(e);
    }
  }

  private void take(WriteContentRequest message) throws IOException {
    IncomingLayout.Writing to = writing == null ? begin(message) : writing;
    switch (message.getAction()) {
      case STAT -> {
        // Begun above, or asked again how far it is.
      }
      case WRITE, COMMIT -> write(to, message);
      case UNRECOGNIZED -> throw invalid("unknown action");
    }
    boolean commit = message.getAction() == WriteAction.COMMIT;
    if (commit) {
      to.commit();
    }
    var answer = WriteContentResponse.newBuilder().setAction(message.getAction());
    answer.setOffset(to.written()).setTotal(total);
    if (commit) {
      answer.setDigest(digest);
    }
    call.onNext(answer.build());
    if (commit) {
      drop();
      call.onCompleted();
    }
  }

  private IncomingLayout.Writing begin(WriteContentRequest message) throws IOException {
    IncomingLayout to = layout;
    if (to == null) {
      throw new IllegalStateException("a call that was refused takes nothing");
    }
    Digest expected;
    try {
      expected = Digest.parse(message.getExpected());
    } catch (IllegalArgumentException e) {
      throw invalid("want the digest that is expected, got '" + message.getExpected() + "'");
    }
    if (message.getTotal() < 0) {
      throw invalid("a total of " + message.getTotal() + " bytes");
    }
    if (to.has(expected)) {
      throw Status.ALREADY_EXISTS
          .withDescription("content " + expected + ": already exists")
          .asRuntimeException();
    }
    digest = expected.toString();
    total = message.getTotal();
    IncomingLayout.Writing begun = to.begin(expected, total);
    writing = begun;
    return begun;
  }

  private void write(IncomingLayout.Writing to, WriteContentRequest message) throws IOException {
    if (message.getData().isEmpty()) {
      return;
    }
    if (message.getOffset() != to.written()) {
      throw Status.OUT_OF_RANGE
          .withDescription(
              "content: bytes at "
                  + message.getOffset()
                  + " came, those at "
                  + to.written()
                  + " are due")
          .asRuntimeException();
    }
    to.write(message.getData().asReadOnlyByteBuffer());
  }

  private static StatusRuntimeException invalid(String why) {
    return Status.INVALID_ARGUMENT.withDescription("content: " + why).asRuntimeException();
  }

  /** Ends the call; what has come of the blob goes. */
  void fail(StatusRuntimeException why) {
    drop();
    call.onError(why);
  }

  /** What has come of the blob goes, unless it is whole. */
  void drop() {
    over = true;
    IncomingLayout.Writing begun = writing;
    if (begun == null) {
      return;
    }
    writing = null;
    try {
      begun.close();
    } catch (IOException e) {
      System.getLogger(ArrivingBlob.class.getName())
          .log(System.Logger.Level.DEBUG, "a blob that was given up", e);
    }
  }

  @Override
  public void onError(Throwable cause) {
    drop();
  }

  @Override
  public void onCompleted() {
    if (!over) {
      drop();
      call.onCompleted();
    }
  }
}
