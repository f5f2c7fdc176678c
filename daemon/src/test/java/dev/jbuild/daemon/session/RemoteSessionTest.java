package dev.jbuild.daemon.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.jbuild.daemon.session.tunnel.ServingTunnel;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.session.Credentials;
import dev.jbuild.session.FileSync;
import dev.jbuild.session.Session;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import moby.buildkit.secrets.v1.GetSecretRequest;
import moby.buildkit.secrets.v1.GetSecretResponse;
import moby.buildkit.secrets.v1.SecretsGrpc;
import moby.filesync.v1.AuthGrpc;
import moby.filesync.v1.CredentialsRequest;
import moby.filesync.v1.CredentialsResponse;
import moby.filesync.v1.FetchTokenRequest;
import moby.filesync.v1.FetchTokenResponse;
import moby.filesync.v1.GetTokenAuthorityRequest;
import moby.filesync.v1.GetTokenAuthorityResponse;
import moby.sshforward.v1.BytesMessage;
import moby.sshforward.v1.CheckAgentRequest;
import moby.sshforward.v1.CheckAgentResponse;
import moby.sshforward.v1.SSHGrpc;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a client serves, as a build sees it; through a tunnel. */
@Timeout(60)
class RemoteSessionTest {
  @TempDir private Path dir;

  private SessionFixture fixture;

  @BeforeEach
  void start() throws Exception {
    fixture = new SessionFixture(dir, "remote-session");
  }

  @AfterEach
  void stop() {
    fixture.close();
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private Session session() {
    return fixture.registry.find("s");
  }

  private static <M> void answer(StreamObserver<M> observer, M message) {
    observer.onNext(message);
    observer.onCompleted();
  }

  private static void refuse(StreamObserver<?> observer, Status status) {
    observer.onError(status.asRuntimeException());
  }

  private static final class FakeSecrets extends SecretsGrpc.SecretsImplBase {
    @Override
    public void getSecret(GetSecretRequest request, StreamObserver<GetSecretResponse> observer) {
      switch (request.getID()) {
        case "small" -> answer(observer, secret(text("s3cret")));
        case "most" -> answer(observer, secret(new byte[500 << 10]));
        case "large" -> answer(observer, secret(new byte[(500 << 10) + 1]));
        case "denied" ->
            refuse(observer, Status.PERMISSION_DENIED.withDescription("not for strangers"));
        case "broken" ->
            refuse(observer, Status.UNKNOWN.withDescription("secret 'broken': no such file"));
        default -> refuse(observer, Status.NOT_FOUND);
      }
    }

    private static GetSecretResponse secret(byte[] data) {
      return GetSecretResponse.newBuilder().setData(ByteString.copyFrom(data)).build();
    }
  }

  @Test
  void secretIsTheClients() throws Exception {
    ServingTunnel client = fixture.serve(fixture.connect(), "s", new FakeSecrets());
    try (client) {
      var secrets = session().secrets();
      assertEquals(
          "s3cret",
          new String(secrets.secret("small").orElseThrow().toArray(), StandardCharsets.UTF_8));
      assertEquals(500 << 10, secrets.secret("most").orElseThrow().toArray().length);
      assertEquals(Optional.empty(), secrets.secret("none"));
    }
  }

  @Test
  void secretThatIsTooLargeIsRefused() throws Exception {
    ServingTunnel client = fixture.serve(fixture.connect(), "s", new FakeSecrets());
    try (client) {
      var failure = assertThrows(BuildException.class, () -> session().secrets().secret("large"));
      assertEquals("secret 'large' has 512001 bytes; at most 512000 are taken", failure.message());
    }
  }

  @Test
  void clientsRefusalIsTold() throws Exception {
    ServingTunnel client = fixture.serve(fixture.connect(), "s", new FakeSecrets());
    try (client) {
      var failure = assertThrows(BuildException.class, () -> session().secrets().secret("denied"));
      assertEquals(Code.PERMISSION_DENIED, failure.code());
      assertEquals("secret 'denied': not for strangers", failure.message());
      var broken = assertThrows(BuildException.class, () -> session().secrets().secret("broken"));
      assertEquals("secret 'broken': no such file", broken.message(), "what it is about once");
    }
  }

  @Test
  void onlyWhatIsOfferedIsCalled() throws Exception {
    var services = List.of(new FakeSecrets().bindService());
    var headers = new SessionHeaders("s", "", Set.of("/grpc.health.v1.health/check"));
    ServingTunnel client = fixture.serve(fixture.connect(), headers, services);
    try (client) {
      assertEquals(Optional.empty(), session().secrets().secret("small"));
      assertFalse(session().agents().offers("default"));
      assertEquals(Optional.empty(), session().credentials().forHost("docker.io"));
      var filter = new FileSync.Filter(List.of(), List.of(), List.of());
      var files =
          assertThrows(BuildException.class, () -> session().files().open("context", filter));
      assertEquals(Code.NOT_FOUND, files.code());
      assertEquals(
          "the client's directory 'context': the client's session does not offer it"
              + " (no method moby.filesync.v1.FileSync/DiffCopy)",
          files.message());
      var outputs = assertThrows(BuildException.class, () -> session().outputs().openFile(0));
      assertEquals(
          "an output to the client: the client's session does not offer it"
              + " (no method moby.filesync.v1.FileSend/DiffCopy)",
          outputs.message());
      var blobs = assertThrows(BuildException.class, () -> session().outputs().blobs(0));
      assertEquals(
          "output 0: an OCI layout as a directory (tar=false): the client's session does not offer"
              + " it (no method containerd.services.content.v1.Content/Write)",
          blobs.message());
      var layout = assertThrows(BuildException.class, () -> session().layouts().layout("l"));
      assertEquals(
          "the client's OCI layout 'l': the client's session does not offer it"
              + " (no method containerd.services.content.v1.Content/Read)",
          layout.message());
      var upload = assertThrows(BuildException.class, () -> session().uploads().open("/u"));
      assertEquals(
          "the client's upload '/u': the client's session does not offer it"
              + " (no method moby.upload.v1.Upload/Pull)",
          upload.message());
    }
  }

  /** Logins of one host; tokens where it has a key. */
  private static final class FakeAuth extends AuthGrpc.AuthImplBase {
    final List<String> asked = new ArrayList<>();
    Status keys = Status.OK;

    @Override
    public void credentials(
        CredentialsRequest request, StreamObserver<CredentialsResponse> observer) {
      var answer = CredentialsResponse.newBuilder();
      if (request.getHost().equals("known.example")) {
        answer.setUsername("u").setSecret("p");
      }
      answer(observer, answer.build());
    }

    @Override
    public void getTokenAuthority(
        GetTokenAuthorityRequest request, StreamObserver<GetTokenAuthorityResponse> observer) {
      asked.add("key " + request.getHost() + " " + request.getSalt().size());
      if (!keys.isOk()) {
        refuse(observer, keys);
        return;
      }
      var key = ByteString.copyFrom(new byte[32]);
      answer(observer, GetTokenAuthorityResponse.newBuilder().setPublicKey(key).build());
    }

    @Override
    public void fetchToken(FetchTokenRequest request, StreamObserver<FetchTokenResponse> observer) {
      asked.add(
          String.join(
              " ",
              request.getClientID(),
              request.getHost(),
              request.getRealm(),
              request.getService(),
              request.getScopesList().toString()));
      if (request.getHost().equals("known.example")) {
        answer(observer, FetchTokenResponse.newBuilder().setToken("t").setExpiresIn(90).build());
      } else {
        refuse(observer, Status.UNKNOWN.withDescription("401 of the token server"));
      }
    }
  }

  private static Credentials.TokenRequest wanted(String host) {
    return new Credentials.TokenRequest(
        host, "https://auth.example/token", "reg", List.of("repository:a:pull"));
  }

  @Test
  void loginIsTheClients() throws Exception {
    ServingTunnel client = fixture.serve(fixture.connect(), "s", new FakeAuth());
    try (client) {
      var credentials = session().credentials();
      assertEquals(
          Optional.of(new Credentials.Login("u", "p")), credentials.forHost("known.example"));
      assertEquals(Optional.empty(), credentials.forHost("other.example"));
    }
  }

  @Test
  void clientWithKeysFetchesTokensItself() throws Exception {
    var auth = new FakeAuth();
    ServingTunnel client = fixture.serve(fixture.connect(), "s", auth);
    try (client) {
      assertEquals(
          Optional.of(new Credentials.Token("t", 90)),
          session().credentials().token(wanted("known.example")));
      assertEquals(
          List.of(
              "key known.example 32",
              "buildkit-client known.example https://auth.example/token reg [repository:a:pull]"),
          auth.asked);
    }
  }

  @Test
  void clientWithoutKeysIsNotAskedForTokens() throws Exception {
    var auth = new FakeAuth();
    ServingTunnel client = fixture.serve(fixture.connect(), "s", auth);
    try (client) {
      for (Status none : List.of(Status.UNAVAILABLE, Status.UNIMPLEMENTED)) {
        auth.keys = none;
        assertEquals(Optional.empty(), session().credentials().token(wanted("known.example")));
      }
      assertEquals(List.of("key known.example 32", "key known.example 32"), auth.asked);
    }
  }

  @Test
  void failedTokenSaysWhy() throws Exception {
    ServingTunnel client = fixture.serve(fixture.connect(), "s", new FakeAuth());
    try (client) {
      var failure =
          assertThrows(
              BuildException.class, () -> session().credentials().token(wanted("other.example")));
      assertEquals(
          "the client's token for 'other.example': 401 of the token server", failure.message());
    }
  }

  /** Says what it hears, after an empty message; an agent {@code dead} breaks at once. */
  private static final class FakeAgent extends SSHGrpc.SSHImplBase {
    final CountDownLatch ended = new CountDownLatch(1);

    @Override
    public void checkAgent(CheckAgentRequest request, StreamObserver<CheckAgentResponse> observer) {
      if (request.getID().equals("default")) {
        answer(observer, CheckAgentResponse.getDefaultInstance());
      } else {
        refuse(observer, Status.UNKNOWN.withDescription("unset ssh forward key"));
      }
    }

    @Override
    public StreamObserver<BytesMessage> forwardAgent(StreamObserver<BytesMessage> observer) {
      return new StreamObserver<>() {
        @Override
        public void onNext(BytesMessage message) {
          observer.onNext(BytesMessage.getDefaultInstance());
          observer.onNext(message);
          if (message.getData().toStringUtf8().equals("bye")) {
            observer.onCompleted();
            ended.countDown();
          }
        }

        @Override
        public void onError(Throwable cause) {
          ended.countDown();
        }

        @Override
        public void onCompleted() {
          ended.countDown();
        }
      };
    }
  }

  private static String read(ByteChannel channel, int bytes) throws IOException {
    var into = ByteBuffer.allocate(bytes);
    while (into.hasRemaining() && channel.read(into) > 0) {
      // a read that gives nothing would end this too early
    }
    return new String(into.array(), 0, into.position(), StandardCharsets.UTF_8);
  }

  @Test
  void agentAnswersUntilItEnds() throws Exception {
    ServingTunnel client = fixture.serve(fixture.connect(), "s", new FakeAgent());
    try (client) {
      assertTrue(session().agents().offers("default"));
      assertFalse(session().agents().offers("other"));
      try (ByteChannel agent = session().agents().connect("default")) {
        agent.write(ByteBuffer.wrap(text("sign")));
        assertEquals("sign", read(agent, 4));
        agent.write(ByteBuffer.wrap(text("bye")));
        assertEquals("bye", read(agent, 4));
        assertEquals(-1, agent.read(ByteBuffer.allocate(1)));
      }
    }
  }

  @Test
  void largeWritesArriveWhole() throws Exception {
    ServingTunnel client = fixture.serve(fixture.connect(), "s", new FakeAgent());
    try (client;
        ByteChannel agent = session().agents().connect("default")) {
      String large = "0123456789abcdef".repeat(16 << 10);
      var writer = Thread.ofVirtual().start(() -> write(agent, large));
      assertEquals(large, read(agent, large.length()));
      writer.join();
    }
  }

  private static void write(ByteChannel to, String text) {
    try {
      to.write(ByteBuffer.wrap(text(text)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void closedConnectionEndsTheAgentsStream() throws Exception {
    var fake = new FakeAgent();
    ServingTunnel client = fixture.serve(fixture.connect(), "s", fake);
    try (client) {
      ByteChannel agent = session().agents().connect("default");
      write(agent, "sign");
      assertEquals("sign", read(agent, 4));
      agent.close();
      assertTrue(fake.ended.await(20, TimeUnit.SECONDS), "the agent hears of it");
      assertThrows(ClosedChannelException.class, () -> agent.read(ByteBuffer.allocate(1)));
    }
  }

  @Test
  void readerLearnsThatTheClientIsGone() throws Exception {
    var channel = fixture.connect();
    ServingTunnel client = fixture.serve(channel, "s", new FakeAgent());
    try (client;
        ByteChannel agent = session().agents().connect("default")) {
      write(agent, "sign");
      assertEquals("sign", read(agent, 4));
      channel.shutdownNow();
      var failure = assertThrows(IOException.class, () -> agent.read(ByteBuffer.allocate(1)));
      assertEquals("ssh agent 'default': the client's session has ended", failure.getMessage());
    }
  }
}
