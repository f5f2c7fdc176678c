package dev.jbuild.daemon.session.sync;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.session.FileSync;
import fsutil.types.Packet;
import io.grpc.BindableService;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.function.Supplier;
import moby.filesync.v1.FileSyncGrpc;

/** Serves a client's directories to a daemon. Source: reference wire-session, section 5. */
public final class FileSyncService implements BindableService {
  private static final MethodDescriptor<Packet, ByteBuf> METHOD =
      FileSyncGrpc.getDiffCopyMethod().toBuilder(
              ProtoUtils.marshaller(Packet.getDefaultInstance()), new PacketMarshaller())
          .build();

  private final FileSync files;
  private final Supplier<Metadata> headers;
  private final ThreadFactory threads;

  /**
   * @param headers of the call whose handler runs
   * @param threads cheap ones: a few for each walk
   */
  public FileSyncService(FileSync files, Supplier<Metadata> headers, ThreadFactory threads) {
    this.files = files;
    this.headers = headers;
    this.threads = threads;
  }

  @Override
  public ServerServiceDefinition bindService() {
    return ServerServiceDefinition.builder(FileSyncGrpc.SERVICE_NAME)
        .addMethod(METHOD, ServerCalls.asyncBidiStreamingCall(this::diffCopy))
        .build();
  }

  private StreamObserver<Packet> diffCopy(StreamObserver<ByteBuf> observer) {
    var call = (ServerCallStreamObserver<ByteBuf>) observer;
    Metadata asked = headers.get();
    String name = String.join("", values(asked, "dir-name"));
    var filter =
        new FileSync.Filter(
            values(asked, "include-patterns"),
            values(asked, "exclude-patterns"),
            values(asked, "followpaths"));
    var out = new PacedStream<>(call);
    PacketSender sender;
    try {
      sender = new PacketSender(files.open(name, filter), out, threads);
    } catch (BuildException e) {
      Status status = e.code() == Code.NOT_FOUND ? Status.NOT_FOUND : Status.UNKNOWN;
      return Refused.with(status.withDescription(e.message()), call);
    } catch (IOException e) {
      return Refused.with(Status.UNKNOWN.withDescription(name + ": " + e), call);
    }
    call.setOnCancelHandler(() -> sender.onError(Status.CANCELLED.asRuntimeException()));
    sender.start();
    return sender;
  }

  private static List<String> values(Metadata headers, String name) {
    Iterable<String> given = headers.getAll(key(name));
    boolean encoded = headers.containsKey(key(name + "-encoded"));
    var values = new ArrayList<String>();
    if (given != null) {
      for (String value : given) {
        values.add(encoded ? URLDecoder.decode(value, StandardCharsets.UTF_8) : value);
      }
    }
    return values;
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }
}
