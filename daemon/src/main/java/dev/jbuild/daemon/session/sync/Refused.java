package dev.jbuild.daemon.session.sync;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;

/**
 * Takes the messages of a call that was refused, which may be under way already.
 *
 * @param <M> message
 */
final class Refused<M> implements StreamObserver<M> {
  private Refused() {}

  /** Ends the call; to be given to the transport in place of a handler. */
  static <M> StreamObserver<M> with(Status why, StreamObserver<?> call) {
    call.onError(why.asRuntimeException());
    return new Refused<>();
  }

  @Override
  public void onNext(M message) {
    // The other side may not know yet.
  }

  @Override
  public void onError(Throwable cause) {
    // It is over.
  }

  @Override
  public void onCompleted() {
    // It is over.
  }
}
