package dev.jbuild.daemon.api;

import com.google.protobuf.UnsafeByteOperations;
import containerd.services.content.v1.ContentGrpc;
import containerd.services.content.v1.Info;
import containerd.services.content.v1.InfoRequest;
import containerd.services.content.v1.InfoResponse;
import containerd.services.content.v1.ListContentRequest;
import containerd.services.content.v1.ListContentResponse;
import containerd.services.content.v1.ListStatusesRequest;
import containerd.services.content.v1.ListStatusesResponse;
import containerd.services.content.v1.ReadContentRequest;
import containerd.services.content.v1.ReadContentResponse;
import containerd.services.content.v1.StatusRequest;
import containerd.services.content.v1.StatusResponse;
import dev.jbuild.daemon.history.RecordedBlobs;
import dev.jbuild.daemon.history.StoredBlob;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.Digest;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.ThreadFactory;

/**
 * The service {@code containerd.services.content.v1.Content}, for reading what build records point
 * to. Calls that would change something are not offered. Source: reference wire-session, section 7.
 */
final class ContentService extends ContentGrpc.ContentImplBase {
  private static final int CHUNK_BYTES = 1 << 20;
  private static final int LISTED_AT_ONCE = 100;

  private final RecordedBlobs blobs;
  private final Failures failures;
  private final ThreadFactory threads;

  ContentService(RecordedBlobs blobs, Failures failures, ThreadFactory threads) {
    this.blobs = blobs;
    this.failures = failures;
    this.threads = threads;
  }

  @Override
  public void info(InfoRequest request, StreamObserver<InfoResponse> observer) {
    Digest digest = digest(request.getDigest());
    try (StoredBlob blob = open(digest)) {
      observer.onNext(InfoResponse.newBuilder().setInfo(info(digest, blob.size())).build());
    } catch (IOException | InterruptedException e) {
      throw unreadable(digest, e);
    }
    observer.onCompleted();
  }

  private static Info info(Digest digest, long size) {
    return Info.newBuilder().setDigest(digest.toString()).setSize(size).build();
  }

  @Override
  public void read(ReadContentRequest request, StreamObserver<ReadContentResponse> observer) {
    Digest digest = digest(request.getDigest());
    var call = new PacedCall<>((ServerCallStreamObserver<ReadContentResponse>) observer, failures);
    threads.newThread(() -> call.run(() -> send(request, digest, call))).start();
  }

  private void send(ReadContentRequest request, Digest digest, PacedCall<ReadContentResponse> call)
      throws InterruptedException, IOException {
    try (StoredBlob blob = open(digest)) {
      long at = request.getOffset();
      if (at < 0 || at > blob.size()) {
        throw Status.OUT_OF_RANGE
            .withDescription("blob " + digest + " has " + blob.size() + " bytes, not " + at)
            .asRuntimeException();
      }
      long rest = blob.size() - at;
      long end = request.getSize() > 0 ? at + Math.min(request.getSize(), rest) : blob.size();
      while (at < end && !call.cancelled()) {
        byte[] part = blob.read(at, (int) Math.min(CHUNK_BYTES, end - at));
        call.send(
            ReadContentResponse.newBuilder()
                .setOffset(at)
                .setData(UnsafeByteOperations.unsafeWrap(part))
                .build());
        at += part.length;
      }
    }
  }

  @Override
  public void list(ListContentRequest request, StreamObserver<ListContentResponse> observer) {
    if (request.getFiltersCount() > 0) {
      throw new BuildException(Code.UNIMPLEMENTED, "content: filters are not offered");
    }
    var call = new PacedCall<>((ServerCallStreamObserver<ListContentResponse>) observer, failures);
    threads.newThread(() -> call.run(() -> sendList(call))).start();
  }

  private void sendList(PacedCall<ListContentResponse> call) throws InterruptedException {
    List<Descriptor> all = blobs.list();
    for (int from = 0; from < all.size(); from += LISTED_AT_ONCE) {
      var message = ListContentResponse.newBuilder();
      all.subList(from, Math.min(all.size(), from + LISTED_AT_ONCE))
          .forEach(blob -> message.addInfo(info(blob.digest(), blob.sizeBytes())));
      call.send(message.build());
    }
  }

  @Override
  public void status(StatusRequest request, StreamObserver<StatusResponse> observer) {
    throw new BuildException(
        Code.NOT_FOUND, "content: nothing is being written under '" + request.getRef() + "'");
  }

  @Override
  public void listStatuses(
      ListStatusesRequest request, StreamObserver<ListStatusesResponse> observer) {
    observer.onNext(ListStatusesResponse.getDefaultInstance());
    observer.onCompleted();
  }

  private StoredBlob open(Digest digest) throws IOException, InterruptedException {
    return blobs
        .open(digest)
        .orElseThrow(
            () ->
                new BuildException(
                    Code.NOT_FOUND, "content " + digest + ": no build record has such a blob"));
  }

  private static Digest digest(String text) {
    try {
      return Digest.parse(text);
    } catch (IllegalArgumentException e) {
      throw new BuildException(Code.INVALID, e.getMessage() == null ? text : e.getMessage(), e);
    }
  }

  private static BuildException unreadable(Digest digest, Exception cause) {
    return new BuildException(
        Code.FAILED, "content " + digest + " can not be read: " + cause.getMessage(), cause);
  }
}
