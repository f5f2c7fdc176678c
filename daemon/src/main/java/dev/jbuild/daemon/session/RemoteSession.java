package dev.jbuild.daemon.session;

import com.google.protobuf.ByteString;
import containerd.services.content.v1.ContentGrpc;
import dev.jbuild.daemon.session.store.RemoteLayouts;
import dev.jbuild.daemon.session.sync.ClientFailures;
import dev.jbuild.daemon.session.sync.RemoteFileSync;
import dev.jbuild.daemon.session.sync.RemoteOutputs;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Bytes;
import dev.jbuild.session.Credentials;
import dev.jbuild.session.FileSync;
import dev.jbuild.session.LayoutAccess;
import dev.jbuild.session.OutputSink;
import dev.jbuild.session.Secrets;
import dev.jbuild.session.Session;
import dev.jbuild.session.SshAgents;
import dev.jbuild.session.Uploads;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import moby.buildkit.secrets.v1.GetSecretRequest;
import moby.buildkit.secrets.v1.SecretsGrpc;
import moby.filesync.v1.FileSyncGrpc;
import moby.sshforward.v1.SSHGrpc;
import moby.upload.v1.UploadGrpc;

/**
 * The session of a client that is connected by a tunnel. Only what it says it serves is called.
 * Source: reference wire-session, section 3. Safe for use by several threads.
 */
public final class RemoteSession implements Session {
  private static final long ANSWER_SECONDS = 60;
  private static final int SECRET_BYTES = 500 << 10;

  private final SessionHeaders headers;
  private final Channel client;
  private final FileSync files;
  private final OutputSink outputs;
  private final SshAgents agents;
  private final Credentials credentials;
  private final LayoutAccess layouts;

  /**
   * @param client calls the client's services
   * @param staging where outputs lie on their way
   */
  public RemoteSession(SessionHeaders headers, Channel client, RemoteOutputs.Staging staging) {
    this.headers = headers;
    this.client = client;
    this.files = new RemoteFileSync(client, headers.sharedKey());
    this.outputs = new OfferedOutputs(headers, new RemoteOutputs(client, staging), client);
    this.agents = new RemoteAgents(client);
    this.credentials = new RemoteCredentials(headers, client);
    this.layouts = new RemoteLayouts(client);
  }

  @Override
  public String id() {
    return headers.id();
  }

  @Override
  public FileSync files() {
    String method = FileSyncGrpc.getDiffCopyMethod().getFullMethodName();
    return new FileSync() {
      @Override
      public Walk open(String name, Filter filter) throws java.io.IOException {
        headers.require(method, "the client's directory '" + name + "'");
        return files.open(name, filter);
      }

      @Override
      public String identity(String name) {
        return files.identity(name);
      }
    };
  }

  @Override
  public OutputSink outputs() {
    return outputs;
  }

  @Override
  public Credentials credentials() {
    return credentials;
  }

  static boolean absent(StatusRuntimeException failure) {
    Status.Code code = failure.getStatus().getCode();
    return code == Status.Code.NOT_FOUND || code == Status.Code.UNIMPLEMENTED;
  }

  @Override
  public Secrets secrets() {
    return this::secret;
  }

  private Optional<Bytes> secret(String id) {
    if (!headers.offers(SecretsGrpc.getGetSecretMethod().getFullMethodName())) {
      return Optional.empty();
    }
    try {
      ByteString data =
          SecretsGrpc.newBlockingStub(client)
              .withDeadlineAfter(ANSWER_SECONDS, TimeUnit.SECONDS)
              .getSecret(GetSecretRequest.newBuilder().setID(id).build())
              .getData();
      if (data.size() > SECRET_BYTES) {
        throw new BuildException(
            Code.INVALID,
            "secret '"
                + id
                + "' has "
                + data.size()
                + " bytes; at most "
                + SECRET_BYTES
                + " are taken");
      }
      return Optional.of(Bytes.copyOf(data.toByteArray()));
    } catch (StatusRuntimeException e) {
      if (absent(e)) {
        return Optional.empty();
      }
      throw ClientFailures.of("secret '" + id + "'", e);
    }
  }

  @Override
  public SshAgents agents() {
    return headers.offers(SSHGrpc.getForwardAgentMethod().getFullMethodName())
        ? agents
        : SshAgents.NONE;
  }

  @Override
  public Uploads uploads() {
    return path -> {
      headers.require(
          UploadGrpc.getPullMethod().getFullMethodName(), "the client's upload '" + path + "'");
      return RemoteUpload.open(client, path);
    };
  }

  @Override
  public LayoutAccess layouts() {
    return store -> {
      headers.require(
          ContentGrpc.getReadMethod().getFullMethodName(),
          "the client's OCI layout '" + store + "'");
      return layouts.layout(store);
    };
  }
}
