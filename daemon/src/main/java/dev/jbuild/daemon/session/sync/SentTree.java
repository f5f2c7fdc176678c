package dev.jbuild.daemon.session.sync;

import dev.jbuild.session.FileSync;
import dev.jbuild.session.OutputSink;
import dev.jbuild.snapshot.TreeDeletion;
import fsutil.types.Packet;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.function.Function;
import moby.filesync.v1.FileSendGrpc;
import org.jspecify.annotations.Nullable;

/** A directory that is written here, and sent to the client when it is complete. */
final class SentTree implements OutputSink.Tree {

  /** The method is declared with messages of bytes; for directories they are packets. */
  private static final MethodDescriptor<ByteBuf, Packet> METHOD =
      FileSendGrpc.getDiffCopyMethod().toBuilder(
              new PacketMarshaller(), ProtoUtils.marshaller(Packet.getDefaultInstance()))
          .build();

  private static final FileSync.Filter ALL = new FileSync.Filter(List.of(), List.of(), List.of());

  private final String what;
  private final Channel client;
  private final Path directory;
  private final Function<Map<String, Path>, FileSync> directories;
  private final ThreadFactory threads;

  /**
   * @param what it is, for texts
   * @param client with the call's headers
   * @param directory deleted by this
   * @param directories gives the files below directories of this machine
   */
  SentTree(
      String what,
      Channel client,
      Path directory,
      Function<Map<String, Path>, FileSync> directories,
      ThreadFactory threads) {
    this.what = what;
    this.client = client;
    this.directory = directory;
    this.directories = directories;
    this.threads = threads;
  }

  @Override
  public Path path() {
    return directory;
  }

  @Override
  public void complete() throws IOException, InterruptedException {
    FileSync.Walk walk = directories.apply(Map.of("output", directory)).open("output", ALL);
    var sending = new Sending(walk, threads);
    ClientCalls.asyncBidiStreamingCall(client.newCall(METHOD, CallOptions.DEFAULT), sending);
    sending.sender().start(); // not before the call has begun: until then it takes nothing
    try {
      sending.taken.get();
    } catch (ExecutionException e) {
      throw ClientFailures.of(what, Objects.requireNonNullElse(e.getCause(), e));
    } finally {
      sending.end();
    }
  }

  /** Sends when it is ready, and learns when the client has all. */
  private static final class Sending implements ClientResponseObserver<ByteBuf, Packet> {
    private final FileSync.Walk walk;
    private final ThreadFactory threads;
    private final CompletableFuture<Void> taken = new CompletableFuture<>();
    private volatile @Nullable PacketSender sender;
    private volatile @Nullable ClientCallStreamObserver<ByteBuf> call;

    Sending(FileSync.Walk walk, ThreadFactory threads) {
      this.walk = walk;
      this.threads = threads;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<ByteBuf> request) {
      call = request;
      sender = new PacketSender(walk, new PacedStream<>(request), threads);
    }

    private PacketSender sender() {
      return Objects.requireNonNull(sender, "the call has begun");
    }

    @Override
    public void onNext(Packet packet) {
      sender().onNext(packet);
    }

    @Override
    public void onError(Throwable cause) {
      sender().onError(cause);
      taken.completeExceptionally(cause);
    }

    @Override
    public void onCompleted() {
      sender().onCompleted();
      taken.complete(null);
    }

    void end() {
      ClientCallStreamObserver<ByteBuf> begun = call;
      if (begun != null && !taken.isDone()) {
        // The sender's thread must not send after that: gRPC throws.
        sender().onError(new IOException("the export was cancelled"));
        begun.cancel("the export was cancelled", null);
      }
    }
  }

  @Override
  public void close() throws IOException {
    TreeDeletion.delete(directory);
  }
}
