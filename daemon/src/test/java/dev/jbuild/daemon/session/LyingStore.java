package dev.jbuild.daemon.session;

import com.google.protobuf.ByteString;
import containerd.services.content.v1.ContentGrpc;
import containerd.services.content.v1.ReadContentRequest;
import containerd.services.content.v1.ReadContentResponse;
import containerd.services.content.v1.WriteContentRequest;
import containerd.services.content.v1.WriteContentResponse;
import io.grpc.stub.StreamObserver;

/** A client that says whatever a test wants. */
final class LyingStore extends ContentGrpc.ContentImplBase {
  volatile long offset;
  volatile long has;
  volatile String digest = "";

  @Override
  public void read(ReadContentRequest request, StreamObserver<ReadContentResponse> observer) {
    for (long at : new long[] {0, offset}) {
      observer.onNext(
          ReadContentResponse.newBuilder()
              .setOffset(at)
              .setData(ByteString.copyFromUtf8("abc"))
              .build());
    }
    observer.onCompleted();
  }

  @Override
  public StreamObserver<WriteContentRequest> write(StreamObserver<WriteContentResponse> observer) {
    return new StreamObserver<>() {
      @Override
      public void onNext(WriteContentRequest request) {
        observer.onNext(WriteContentResponse.newBuilder().setOffset(has).setDigest(digest).build());
      }

      @Override
      public void onError(Throwable cause) {
        // It is over.
      }

      @Override
      public void onCompleted() {
        observer.onCompleted();
      }
    };
  }
}
