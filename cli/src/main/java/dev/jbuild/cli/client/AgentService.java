package dev.jbuild.cli.client;

import com.google.protobuf.ByteString;
import dev.jbuild.daemon.session.sync.PacedStream;
import dev.jbuild.session.SshAgents;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.util.concurrent.ThreadFactory;
import java.util.function.Supplier;
import moby.sshforward.v1.BytesMessage;
import moby.sshforward.v1.CheckAgentRequest;
import moby.sshforward.v1.CheckAgentResponse;
import moby.sshforward.v1.SSHGrpc;

/** Connects a daemon to the user's ssh agents. Source: reference wire-session, section 3. */
final class AgentService extends SSHGrpc.SSHImplBase {
  private static final Metadata.Key<String> ID =
      Metadata.Key.of("buildkit.ssh.id", Metadata.ASCII_STRING_MARSHALLER);
  private static final int PIECE_BYTES = 32 << 10;
  private static final String DEFAULT = "default";

  private final SshAgents agents;
  private final Supplier<Metadata> headers;
  private final ThreadFactory threads;

  /**
   * @param headers of the call whose handler runs
   * @param threads cheap ones: one for each connection
   */
  AgentService(SshAgents agents, Supplier<Metadata> headers, ThreadFactory threads) {
    this.agents = agents;
    this.headers = headers;
    this.threads = threads;
  }

  private static Status absent(String id) {
    return Status.NOT_FOUND.withDescription("ssh agent '" + id + "' is not offered");
  }

  @Override
  public void checkAgent(CheckAgentRequest request, StreamObserver<CheckAgentResponse> observer) {
    String id = request.getID().isEmpty() ? DEFAULT : request.getID();
    if (!agents.offers(id)) {
      observer.onError(absent(id).asRuntimeException());
      return;
    }
    observer.onNext(CheckAgentResponse.getDefaultInstance());
    observer.onCompleted();
  }

  @Override
  public StreamObserver<BytesMessage> forwardAgent(StreamObserver<BytesMessage> observer) {
    var call = (ServerCallStreamObserver<BytesMessage>) observer;
    String given = headers.get().get(ID);
    String id = given == null || given.isEmpty() ? DEFAULT : given;
    if (!agents.offers(id)) {
      call.onError(absent(id).asRuntimeException());
      return new Unheard();
    }
    try {
      ByteChannel agent = agents.connect(id);
      PacedStream<BytesMessage> out = PacedStream.ofBusy(call);
      // Not by the call's own handler: that one waits for questions that the agent does not take.
      Context.current().addListener(ended -> hangUp(agent, out), Runnable::run);
      threads.newThread(() -> answer(agent, out)).start();
      return new Questions(agent);
    } catch (IOException e) {
      call.onError(
          Status.UNAVAILABLE
              .withDescription("ssh agent '" + id + "': " + e.getMessage())
              .asRuntimeException());
      return new Unheard();
    }
  }

  private static void hangUp(ByteChannel agent, PacedStream<BytesMessage> out) {
    out.fail(Status.CANCELLED.asRuntimeException());
    close(agent);
  }

  /** Who does not take the answers keeps the agent waiting. */
  private static void answer(ByteChannel agent, PacedStream<BytesMessage> out) {
    ByteBuffer buffer = ByteBuffer.allocate(PIECE_BYTES);
    try (agent) {
      while (agent.read(buffer) >= 0) {
        buffer.flip();
        out.send(BytesMessage.newBuilder().setData(ByteString.copyFrom(buffer)).build());
        buffer.clear();
      }
    } catch (IOException e) {
      // The other side has closed it, or the agent is gone: the connection is over either way.
    }
    out.complete();
  }

  private static void close(ByteChannel agent) {
    try {
      agent.close();
    } catch (IOException e) {
      System.getLogger(AgentService.class.getName())
          .log(System.Logger.Level.DEBUG, "an agent's connection does not close", e);
    }
  }

  /** What the step's ssh asks. */
  private record Questions(ByteChannel agent) implements StreamObserver<BytesMessage> {
    @Override
    public void onNext(BytesMessage message) {
      ByteBuffer bytes = message.getData().asReadOnlyByteBuffer();
      try {
        while (bytes.hasRemaining()) {
          agent.write(bytes);
        }
      } catch (IOException e) {
        close(agent);
      }
    }

    @Override
    public void onError(Throwable cause) {
      close(agent);
    }

    @Override
    public void onCompleted() {
      close(agent);
    }
  }

  /** Of a call that was refused. */
  private record Unheard() implements StreamObserver<BytesMessage> {
    @Override
    public void onNext(BytesMessage message) {}

    @Override
    public void onError(Throwable cause) {}

    @Override
    public void onCompleted() {}
  }
}
