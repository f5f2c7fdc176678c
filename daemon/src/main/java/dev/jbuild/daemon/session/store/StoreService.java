package dev.jbuild.daemon.session.store;

import com.google.protobuf.UnsafeByteOperations;
import containerd.services.content.v1.ContentGrpc;
import containerd.services.content.v1.Info;
import containerd.services.content.v1.InfoRequest;
import containerd.services.content.v1.InfoResponse;
import containerd.services.content.v1.ReadContentRequest;
import containerd.services.content.v1.ReadContentResponse;
import containerd.services.content.v1.StatusRequest;
import containerd.services.content.v1.StatusResponse;
import containerd.services.content.v1.WriteContentRequest;
import containerd.services.content.v1.WriteContentResponse;
import dev.jbuild.daemon.session.sync.PacedStream;
import dev.jbuild.daemon.session.sync.RemoteOutputs;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Digest;
import dev.jbuild.session.direct.DirectoryLayouts;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ThreadFactory;
import java.util.function.Supplier;

/**
 * A client's service {@code containerd.services.content.v1.Content}: the layouts that it offers are
 * read, and the layouts that its outputs are take blobs. Nothing can be listed, changed or deleted.
 * Source: reference wire-session, section 7.
 */
public final class StoreService extends ContentGrpc.ContentImplBase {
  private static final int CHUNK_BYTES = 1 << 20;

  private final DirectoryLayouts layouts;
  private final Exports exports;
  private final Supplier<Metadata> headers;
  private final ThreadFactory threads;

  /** The outputs that are layouts. */
  public interface Exports {

    /**
     * The layout of an output.
     *
     * @param exporter index of the output, or -1 when the daemon does not say which
     * @throws BuildException NOT_FOUND when that is no layout
     */
    IncomingLayout incoming(int exporter) throws IOException;
  }

  /**
   * @param headers of the call whose handler runs
   * @param threads cheap ones: one for each blob that is read
   */
  public StoreService(
      DirectoryLayouts layouts,
      Exports exports,
      Supplier<Metadata> headers,
      ThreadFactory threads) {
    this.layouts = layouts;
    this.exports = exports;
    this.headers = headers;
    this.threads = threads;
  }

  private String store() {
    String store = headers.get().get(StoreNames.STORE);
    if (store == null || store.isEmpty()) {
      throw new BuildException(
          Code.INVALID, "content: the header '" + StoreNames.STORE.name() + "' is missing");
    }
    return store;
  }

  /** A blob of a layout that is offered; a daemon names it by nothing but its digest. */
  private Path blob(String text) throws IOException {
    String store = store();
    Digest digest = digest(text);
    if (store.equals(StoreNames.EXPORT)) {
      throw new NoSuchFileException("content " + digest);
    }
    if (!store.startsWith(StoreNames.LAYOUT)) {
      throw new BuildException(Code.NOT_FOUND, "content store '" + store + "' is not offered");
    }
    Path layout = layouts.directory(store.substring(StoreNames.LAYOUT.length()));
    Path path = DirectoryLayouts.blob(layout, digest);
    if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
      throw new NoSuchFileException("content " + digest);
    }
    return path;
  }

  private static Digest digest(String text) {
    try {
      return Digest.parse(text);
    } catch (IllegalArgumentException e) {
      throw new BuildException(Code.INVALID, "content: malformed digest '" + text + "'", e);
    }
  }

  private static StatusRuntimeException status(Exception failure) {
    String text = String.valueOf(failure.getMessage());
    return switch (failure) {
      case StatusRuntimeException known -> known;
      case NoSuchFileException missing ->
          Status.NOT_FOUND.withDescription(text + ": not found").asRuntimeException();
      case BuildException known -> code(known).withDescription(text).asRuntimeException();
      default -> Status.UNKNOWN.withDescription(text).asRuntimeException();
    };
  }

  private static Status code(BuildException failure) {
    if (failure.code() == Code.NOT_FOUND) {
      return Status.NOT_FOUND;
    }
    return failure.code() == Code.INVALID ? Status.INVALID_ARGUMENT : Status.UNKNOWN;
  }

  @Override
  public void info(InfoRequest request, StreamObserver<InfoResponse> observer) {
    Info info;
    try {
      Path blob = blob(request.getDigest());
      info = Info.newBuilder().setDigest(request.getDigest()).setSize(Files.size(blob)).build();
    } catch (IOException | BuildException e) {
      observer.onError(status(e));
      return;
    }
    observer.onNext(InfoResponse.newBuilder().setInfo(info).build());
    observer.onCompleted();
  }

  @Override
  public void read(ReadContentRequest request, StreamObserver<ReadContentResponse> observer) {
    var call = (ServerCallStreamObserver<ReadContentResponse>) observer;
    try {
      Path blob = blob(request.getDigest());
      var out = new PacedStream<ReadContentResponse>(call);
      call.setOnCancelHandler(() -> out.fail(Status.CANCELLED.asRuntimeException()));
      threads.newThread(() -> send(blob, request, out)).start();
    } catch (IOException | BuildException e) {
      call.onError(status(e));
    }
  }

  private static void send(
      Path blob, ReadContentRequest request, PacedStream<ReadContentResponse> out) {
    try (FileChannel in =
        FileChannel.open(blob, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
      long at = request.getOffset();
      long size = in.size();
      if (at < 0 || at > size || request.getSize() < 0) {
        throw Status.OUT_OF_RANGE
            .withDescription("content " + request.getDigest() + " has " + size + " bytes")
            .asRuntimeException();
      }
      long end = request.getSize() > 0 ? at + Math.min(request.getSize(), size - at) : size;
      while (at < end) {
        var bytes = ByteBuffer.allocate((int) Math.min(CHUNK_BYTES, end - at));
        if (in.read(bytes, at) <= 0) {
          break; // It became shorter: the daemon sees that by its digest.
        }
        bytes.flip();
        int count = bytes.remaining();
        out.send(
            ReadContentResponse.newBuilder()
                .setOffset(at)
                .setData(UnsafeByteOperations.unsafeWrap(bytes))
                .build());
        at += count;
      }
      out.complete();
    } catch (IOException | RuntimeException e) {
      out.abort(status(e));
    }
  }

  @Override
  public void status(StatusRequest request, StreamObserver<StatusResponse> observer) {
    observer.onError(
        Status.NOT_FOUND
            .withDescription("content: nothing is being written under '" + request.getRef() + "'")
            .asRuntimeException());
  }

  @Override
  public StreamObserver<WriteContentRequest> write(StreamObserver<WriteContentResponse> observer) {
    var call = (ServerCallStreamObserver<WriteContentResponse>) observer;
    var blob = new ArrivingBlob(call);
    call.setOnCancelHandler(blob::drop);
    try {
      blob.into(layout());
    } catch (IOException | BuildException | StatusRuntimeException e) {
      blob.fail(status(e));
    }
    return blob;
  }

  private IncomingLayout layout() throws IOException {
    String store = store();
    if (!store.equals(StoreNames.EXPORT)) {
      throw Status.PERMISSION_DENIED
          .withDescription("content store '" + store + "' is not written to")
          .asRuntimeException();
    }
    String exporter = headers.get().get(RemoteOutputs.EXPORTER);
    try {
      return exports.incoming(exporter == null ? -1 : Integer.parseInt(exporter));
    } catch (NumberFormatException e) {
      throw new BuildException(Code.INVALID, "output '" + exporter + "': want a number", e);
    }
  }
}
