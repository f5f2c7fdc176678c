package dev.jbuild.daemon.session.sync;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.linux.Kernel;
import dev.jbuild.session.OutputSink;
import fsutil.types.Packet;
import io.grpc.BindableService;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.ThreadFactory;
import java.util.function.IntPredicate;
import java.util.function.Supplier;
import moby.filesync.v1.BytesMessage;
import moby.filesync.v1.FileSendGrpc;

/**
 * Takes what a daemon's exporters send to a client: files as they come, trees as packets. Source:
 * reference wire-session, section 6.
 */
public final class FileSendService implements BindableService {
  /** One method for two kinds of message: which it is hangs on the output. */
  private static final MethodDescriptor<byte[], byte[]> METHOD =
      FileSendGrpc.getDiffCopyMethod().toBuilder(new Raw(), new Raw()).build();

  private final OutputSink outputs;
  private final IntPredicate trees;
  private final Kernel kernel;
  private final Supplier<Metadata> headers;
  private final ThreadFactory threads;

  /**
   * @param trees which outputs are directories, by index
   * @param headers of the call whose handler runs
   * @param threads cheap ones: one for each tree
   */
  public FileSendService(
      OutputSink outputs,
      IntPredicate trees,
      Kernel kernel,
      Supplier<Metadata> headers,
      ThreadFactory threads) {
    this.outputs = outputs;
    this.trees = trees;
    this.kernel = kernel;
    this.headers = headers;
    this.threads = threads;
  }

  private static final class Raw implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] message) {
      return new ByteArrayInputStream(message);
    }

    @Override
    public byte[] parse(InputStream message) {
      try {
        return message.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public ServerServiceDefinition bindService() {
    return ServerServiceDefinition.builder(FileSendGrpc.SERVICE_NAME)
        .addMethod(METHOD, ServerCalls.asyncBidiStreamingCall(this::take))
        .build();
  }

  private StreamObserver<byte[]> take(StreamObserver<byte[]> observer) {
    var call = (ServerCallStreamObserver<byte[]>) observer;
    String given = headers.get().get(RemoteOutputs.EXPORTER);
    try {
      int exporter = given == null ? 0 : Integer.parseInt(given);
      return trees.test(exporter) ? tree(exporter, call) : file(exporter, call);
    } catch (NumberFormatException e) {
      String text = "output '" + given + "': want a number";
      return Refused.with(Status.INVALID_ARGUMENT.withDescription(text), call);
    } catch (BuildException e) {
      Status status = e.code() == Code.INVALID ? Status.INVALID_ARGUMENT : Status.UNKNOWN;
      return Refused.with(status.withDescription(e.message()), call);
    } catch (IOException e) {
      return Refused.with(Status.UNKNOWN.withDescription("output " + given + ": " + e), call);
    }
  }

  private StreamObserver<byte[]> file(int exporter, ServerCallStreamObserver<byte[]> call)
      throws IOException {
    var file = new ArrivingOutput(outputs.openFile(exporter), call);
    call.setOnCancelHandler(file::drop);
    return file;
  }

  /** Writes as it comes: the call's next message waits until this one is written. */
  private static final class ArrivingOutput implements StreamObserver<byte[]> {
    private final OutputStream to;
    private final ServerCallStreamObserver<byte[]> call;
    private boolean over;

    ArrivingOutput(OutputStream to, ServerCallStreamObserver<byte[]> call) {
      this.to = to;
      this.call = call;
    }

    @Override
    public void onNext(byte[] message) {
      if (over) {
        return;
      }
      try {
        BytesMessage.parseFrom(message).getData().writeTo(to);
      } catch (InvalidProtocolBufferException e) {
        fail(Status.INVALID_ARGUMENT.withDescription("output: a broken message").withCause(e));
      } catch (IOException e) {
        fail(Status.UNKNOWN.withDescription("output: " + e.getMessage()).withCause(e));
      }
    }

    private void fail(Status status) {
      drop();
      call.onError(status.asRuntimeException());
    }

    void drop() {
      if (over) {
        return;
      }
      over = true;
      try {
        if (to instanceof OutputSink.Droppable droppable) {
          droppable.drop();
        } else {
          to.close();
        }
      } catch (IOException e) {
        System.getLogger(FileSendService.class.getName())
            .log(System.Logger.Level.DEBUG, "an output that was given up", e);
      }
    }

    @Override
    public void onError(Throwable cause) {
      drop();
    }

    @Override
    public void onCompleted() {
      if (over) {
        return;
      }
      over = true;
      try {
        to.close();
        call.onCompleted();
      } catch (IOException e) {
        call.onError(
            Status.UNKNOWN.withDescription("output: " + e.getMessage()).asRuntimeException());
      }
    }
  }

  private StreamObserver<byte[]> tree(int exporter, ServerCallStreamObserver<byte[]> call)
      throws IOException {
    boolean whole = RemoteOutputs.YES.equals(headers.get().get(RemoteOutputs.WHOLE));
    OutputSink.Tree tree = whole ? outputs.openWhole(exporter) : outputs.openTree(exporter);
    call.disableAutoRequest();
    var walk = new PacketWalk("output " + exporter);
    var back = new Back(call);
    var incoming = walk.called(back);
    call.setOnCancelHandler(() -> incoming.onError(Status.CANCELLED.asRuntimeException()));
    threads.newThread(() -> write(walk, tree, back)).start();
    return new StreamObserver<>() {
      @Override
      public void onNext(byte[] message) {
        try {
          incoming.onNext(ArrivedPacket.of(Packet.parseFrom(message)));
        } catch (InvalidProtocolBufferException e) {
          String text = "a packet can not be parsed: " + e.getMessage();
          incoming.onError(Status.INVALID_ARGUMENT.withDescription(text).asRuntimeException());
        }
      }

      @Override
      public void onError(Throwable cause) {
        incoming.onError(cause);
      }

      @Override
      public void onCompleted() {
        incoming.onCompleted();
      }
    };
  }

  private void write(PacketWalk walk, OutputSink.Tree tree, Back back) {
    try (tree;
        walk) {
      fill(tree, walk);
    } catch (IOException | RuntimeException | InterruptedException e) {
      back.fail(e.getMessage() == null ? e.toString() : e.getMessage());
      return;
    }
    back.fail("the daemon did not end the output"); // unless it did, which has ended the call
  }

  /** The walk's end tells the daemon that the client has all: only when it has. */
  private void fill(OutputSink.Tree tree, PacketWalk walk)
      throws IOException, InterruptedException {
    try {
      new TreeWriter(kernel, tree.path()).write(walk);
      tree.complete();
    } catch (IOException | RuntimeException | InterruptedException e) {
      walk.abandon(e);
      throw e;
    }
  }

  /** Answers packets with the call's bytes. Guarded by the walk's lock until that is closed. */
  private static final class Back implements PacketWay {
    private final ServerCallStreamObserver<byte[]> call;
    private boolean ended;

    Back(ServerCallStreamObserver<byte[]> call) {
      this.call = call;
    }

    @Override
    public void request(int packets) {
      call.request(packets);
    }

    @Override
    public void send(Packet packet) {
      call.onNext(packet.toByteArray());
    }

    @Override
    public boolean complete() {
      ended = true;
      call.onCompleted();
      return false;
    }

    @Override
    public void cancel(String why) {
      // Who writes the tree ends the call, and says why.
    }

    /** Ends the call unless it has ended. */
    void fail(String why) {
      if (!ended && !call.isCancelled()) {
        call.onError(Status.UNKNOWN.withDescription(why).asRuntimeException());
      }
    }
  }
}
