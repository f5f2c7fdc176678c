package dev.jbuild.cli.e2e;

import com.google.rpc.Status;
import dev.jbuild.daemon.session.tunnel.CallingTunnel;
import dev.jbuild.daemon.session.tunnel.TunnelLoops;
import dev.jbuild.llb.FileAction;
import dev.jbuild.llb.LlbOp;
import dev.jbuild.llb.OpMetadata;
import dev.jbuild.llb.OpNode;
import dev.jbuild.llb.wire.DefinitionEncoder;
import dev.jbuild.oci.Bytes;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import moby.buildkit.v1.frontend.LLBBridgeGrpc;
import moby.buildkit.v1.frontend.PingRequest;
import moby.buildkit.v1.frontend.ReadFileRequest;
import moby.buildkit.v1.frontend.ReturnRequest;
import moby.buildkit.v1.frontend.SolveRequest;

/**
 * A program that is a frontend: the entry point of an image that a test makes. It reads the
 * Dockerfile, whose language it does not know, and makes an image with one file of its words.
 */
public final class StdioFrontend {
  private StdioFrontend() {}

  /** Does what the build argument {@code MODE} says. */
  public static void main(String[] args) {
    switch (option("build-arg:MODE")) {
      case "exit" -> {
        System.err.println("I lost my way");
        System.exit(3);
      }
      case "silent" -> System.exit(0);
      default -> {
        try {
          converse();
        } finally {
          System.exit(1);
        }
      }
    }
  }

  private static String option(String name) {
    return System.getenv().entrySet().stream()
        .filter(entry -> entry.getKey().startsWith("BUILDKIT_FRONTEND_OPT_"))
        .map(Map.Entry::getValue)
        .filter(value -> value.startsWith(name + "="))
        .map(value -> value.substring(name.length() + 1))
        .findFirst()
        .orElse("");
  }

  private static void converse() {
    var loops = new TunnelLoops(1);
    var threads = Executors.newCachedThreadPool();
    var streams = new Streams();
    CallingTunnel tunnel = CallingTunnel.open(streams, loops.next(), threads);
    threads.execute(() -> streams.read(tunnel));
    ask(LLBBridgeGrpc.newBlockingStub(tunnel.channel()));
    System.exit(0);
  }

  private static void ask(LLBBridgeGrpc.LLBBridgeBlockingStub bridge) {
    int workers = bridge.ping(PingRequest.getDefaultInstance()).getWorkersCount();
    try {
      String text = dockerfile(bridge);
      if (text.contains("mistake")) {
        bridge.return_(
            ReturnRequest.newBuilder()
                .setError(Status.newBuilder().setCode(3).setMessage("line 2 is a mistake"))
                .build());
        return;
      }
      String words = text + "workers " + workers + ", network " + option("force-network-mode");
      String ref = solved(bridge, file("/words", words));
      bridge.return_(ReturnRequest.newBuilder().setResult(result(ref)).build());
    } catch (StatusRuntimeException e) {
      System.err.println("asked in vain: " + e.getStatus());
      throw e;
    }
  }

  private static String dockerfile(LLBBridgeGrpc.LLBBridgeBlockingStub bridge) {
    var local =
        new OpNode(
            new LlbOp.SourceOp(
                "local://dockerfile",
                Map.of("local.session", session(), "local.sharedkeyhint", "dockerfile")),
            List.of(),
            null,
            OpMetadata.NONE,
            List.of());
    String ref = solved(bridge, local);
    return bridge
        .readFile(ReadFileRequest.newBuilder().setRef(ref).setFilePath("Dockerfile").build())
        .getData()
        .toStringUtf8();
  }

  private static String session() {
    return System.getenv().getOrDefault("BUILDKIT_SESSION_ID", "");
  }

  private static OpNode file(String path, String text) {
    var action =
        new FileAction(-1, -1, 0, new FileAction.MakeFile(path, 0644, Bytes.utf8(text), null, -1));
    return new OpNode(
        new LlbOp.FileOp(List.of(action)), List.of(), null, OpMetadata.NONE, List.of());
  }

  private static String solved(LLBBridgeGrpc.LLBBridgeBlockingStub bridge, OpNode node) {
    var definition = DefinitionEncoder.encode(new OpNode.Output(node, 0));
    var request =
        SolveRequest.newBuilder()
            .setDefinition(DefinitionEncoder.toWire(definition))
            .setAllowResultReturn(true)
            .setAllowResultArrayRef(true)
            .build();
    return bridge.solve(request).getResult().getRef().getId();
  }

  private static moby.buildkit.v1.frontend.Result result(String ref) {
    return moby.buildkit.v1.frontend.Result.newBuilder()
        .setRef(moby.buildkit.v1.frontend.Ref.newBuilder().setId(ref))
        .build();
  }

  /** Standard input and output as the stream of a tunnel. */
  private static final class Streams extends ServerCallStreamObserver<ByteBuf> {
    private static final int PIECE_BYTES = 65_536;

    private final FileInputStream in = new FileInputStream(FileDescriptor.in);
    private final FileOutputStream out = new FileOutputStream(FileDescriptor.out);
    private final Semaphore wanted = new Semaphore(0);

    void read(CallingTunnel tunnel) {
      var bytes = new byte[PIECE_BYTES];
      try {
        wanted.acquire();
        for (int length = in.read(bytes); length >= 0; length = in.read(bytes)) {
          tunnel.incoming().onNext(Unpooled.copiedBuffer(bytes, 0, length));
          wanted.acquire();
        }
        tunnel.incoming().onCompleted();
      } catch (IOException | InterruptedException e) {
        tunnel.incoming().onCompleted();
      }
    }

    @Override
    public void onNext(ByteBuf message) {
      try {
        message.readBytes(out, message.readableBytes());
        out.flush();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } finally {
        message.release();
      }
    }

    @Override
    public void onError(Throwable cause) {}

    @Override
    public void onCompleted() {}

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public void setOnCancelHandler(Runnable handler) {}

    @Override
    public void setCompression(String compression) {}

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public void setOnReadyHandler(Runnable handler) {}

    @Override
    public void request(int count) {
      wanted.release(count);
    }

    @Override
    public void setMessageCompression(boolean enable) {}

    @Override
    public void disableAutoInboundFlowControl() {}

    @Override
    public void disableAutoRequest() {}
  }
}
