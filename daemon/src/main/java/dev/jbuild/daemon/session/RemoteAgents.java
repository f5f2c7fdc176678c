package dev.jbuild.daemon.session;

import com.google.protobuf.ByteString;
import dev.jbuild.daemon.session.sync.ClientFailures;
import dev.jbuild.session.SshAgents;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.nio.channels.ByteChannel;
import java.util.concurrent.TimeUnit;
import moby.sshforward.v1.BytesMessage;
import moby.sshforward.v1.CheckAgentRequest;
import moby.sshforward.v1.SSHGrpc;

/** The client's ssh agents over its session. Source: reference wire-session, section 3. */
final class RemoteAgents implements SshAgents {
  private static final long ANSWER_SECONDS = 60;
  private static final Metadata.Key<String> ID =
      Metadata.Key.of("buildkit.ssh.id", Metadata.ASCII_STRING_MARSHALLER);

  private final Channel client;

  RemoteAgents(Channel client) {
    this.client = client;
  }

  @Override
  public boolean offers(String id) {
    try {
      var answer =
          SSHGrpc.newBlockingStub(client)
              .withDeadlineAfter(ANSWER_SECONDS, TimeUnit.SECONDS)
              .checkAgent(CheckAgentRequest.newBuilder().setID(id).build());
      return answer.isInitialized();
    } catch (StatusRuntimeException e) {
      Status.Code code = e.getStatus().getCode();
      if (code == Status.Code.UNAVAILABLE || code == Status.Code.CANCELLED) {
        throw ClientFailures.of("ssh agent '" + id + "'", e);
      }
      return false; // whatever it says, it has none of this id
    }
  }

  @Override
  public ByteChannel connect(String id) {
    var headers = new Metadata();
    headers.put(ID, id);
    Channel named =
        ClientInterceptors.intercept(client, MetadataUtils.newAttachHeadersInterceptor(headers));
    var channel =
        new StreamChannel<BytesMessage>(
            "ssh agent '" + id + "'",
            bytes -> BytesMessage.newBuilder().setData(ByteString.copyFrom(bytes)).build(),
            BytesMessage::getData);
    SSHGrpc.newStub(named).forwardAgent(channel.incoming());
    return channel;
  }
}
