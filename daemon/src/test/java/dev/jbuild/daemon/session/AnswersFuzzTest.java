package dev.jbuild.daemon.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import containerd.services.content.v1.ContentGrpc;
import dev.jbuild.daemon.fuzz.CountedThreads;
import dev.jbuild.daemon.fuzz.FieldChange;
import dev.jbuild.daemon.fuzz.FuzzRun;
import dev.jbuild.daemon.fuzz.Mutator;
import dev.jbuild.daemon.fuzz.Player;
import dev.jbuild.daemon.fuzz.Player.Ending;
import dev.jbuild.daemon.fuzz.RawCalls;
import dev.jbuild.daemon.fuzz.Turn;
import dev.jbuild.daemon.fuzz.Wire;
import dev.jbuild.daemon.session.store.RemoteBlobs;
import dev.jbuild.daemon.session.sync.RemoteOutputs;
import dev.jbuild.error.BuildException;
import dev.jbuild.oci.Bytes;
import dev.jbuild.session.Credentials;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import moby.buildkit.secrets.v1.SecretsGrpc;
import moby.filesync.v1.AuthGrpc;
import moby.sshforward.v1.SSHGrpc;
import moby.upload.v1.UploadGrpc;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What clients answer when they are asked for secrets, logins, agents, uploads and blobs. */
@Timeout(7200)
class AnswersFuzzTest {
  private static final Duration BOUND = Duration.ofSeconds(20);
  private static final Metadata.Key<String> CASE =
      Metadata.Key.of("case", Metadata.ASCII_STRING_MARSHALLER);

  private final Wire process = new Wire();
  private final CountedThreads threads = new CountedThreads();
  private final Mutator mutator = new Mutator(new FieldChange());
  private final Map<String, Part> parts = new ConcurrentHashMap<>();
  private final List<Question> questions = new ArrayList<>();
  private @TempDir Path dir;
  private Channel good;

  /** A client's part in one case. */
  private record Part(List<Turn> turns, Ending ending, boolean whole) {}

  /** What a build wants of its client. */
  private interface Ask {
    String of(RemoteSession session, Channel client) throws Exception;
  }

  /**
   * A question, and how it went with a good client.
   *
   * @param hostile answers this method as the case says
   */
  private record Question(
      MethodDescriptor<?, ?> method, Ask ask, String answer, List<Turn> whole, Channel hostile) {}

  @BeforeEach
  void record() throws Exception {
    good = process.to(GoodClient.services());
    add(SecretsGrpc.getGetSecretMethod(), AnswersFuzzTest::secret);
    add(AuthGrpc.getCredentialsMethod(), AnswersFuzzTest::login);
    add(AuthGrpc.getGetTokenAuthorityMethod(), AnswersFuzzTest::token);
    add(AuthGrpc.getFetchTokenMethod(), AnswersFuzzTest::token);
    add(SSHGrpc.getCheckAgentMethod(), (session, client) -> "" + session.agents().offers("a"));
    add(SSHGrpc.getForwardAgentMethod(), AnswersFuzzTest::agent);
    add(UploadGrpc.getPullMethod(), (session, client) -> read(session.uploads().open("/u")));
    add(ContentGrpc.getReadMethod(), AnswersFuzzTest::layout);
    add(ContentGrpc.getWriteMethod(), AnswersFuzzTest::blob);
  }

  @AfterEach
  void stop() {
    process.close();
  }

  private void add(MethodDescriptor<?, ?> method, Ask ask) throws Exception {
    var conversation = new ArrayList<Turn.Spoken>();
    Channel recorded = process.to(RawCalls.recording(method, good, conversation));
    Channel client = routed(method, recorded);
    String answer = ask.of(session(client), client);
    List<Turn> whole;
    synchronized (conversation) {
      whole = Turn.part(conversation, false);
    }
    assertTrue(whole.stream().anyMatch(turn -> turn instanceof Turn.Say), method::toString);
    Channel hostile = process.to(RawCalls.service(method, this::play));
    questions.add(new Question(method, ask, answer, whole, hostile));
  }

  /** A client of whom one method is another's. */
  private Channel routed(MethodDescriptor<?, ?> method, Channel to) {
    return new Channel() {
      @Override
      public <Q, A> ClientCall<Q, A> newCall(MethodDescriptor<Q, A> called, CallOptions options) {
        boolean its = called.getFullMethodName().equals(method.getFullMethodName());
        return (its ? to : good).newCall(called, options);
      }

      @Override
      public String authority() {
        return good.authority();
      }
    };
  }

  private RemoteSession session(Channel client) {
    var methods = new TreeSet<String>();
    for (MethodDescriptor<?, ?> method :
        List.of(
            SecretsGrpc.getGetSecretMethod(),
            AuthGrpc.getCredentialsMethod(),
            AuthGrpc.getGetTokenAuthorityMethod(),
            AuthGrpc.getFetchTokenMethod(),
            SSHGrpc.getForwardAgentMethod(),
            UploadGrpc.getPullMethod(),
            ContentGrpc.getReadMethod())) {
      methods.add("/" + method.getFullMethodName());
    }
    RemoteOutputs.Staging staging =
        new RemoteOutputs.Staging(
            dir,
            directories -> {
              throw new IllegalStateException("no directory is sent here");
            },
            threads);
    var asWritten = SessionHeaders.read(new SessionHeaders("s", "", methods).write());
    return new RemoteSession(asWritten, client, staging);
  }

  private static String secret(RemoteSession session, Channel client) {
    Bytes bytes = session.secrets().secret("x").orElse(Bytes.utf8("none"));
    assertTrue(bytes.size() <= 500 << 10, "a secret is bounded");
    return bytes.toUtf8();
  }

  private static String login(RemoteSession session, Channel client) {
    return session.credentials().forHost("h").map(Credentials.Login::user).orElse("none");
  }

  private static String token(RemoteSession session, Channel client) {
    var wanted = new Credentials.TokenRequest("h", "https://h/t", "s", List.of("repository:a"));
    return session.credentials().token(wanted).map(Credentials.Token::value).orElse("none");
  }

  private static String agent(RemoteSession session, Channel client) throws IOException {
    try (ByteChannel agent = session.agents().connect("a")) {
      agent.write(ByteBuffer.wrap(new byte[5]));
      int first = heard(agent, 5);
      agent.write(ByteBuffer.wrap(new byte[40_000]));
      return first + " and " + heard(agent, 40_000);
    }
  }

  private static int heard(ByteChannel agent, int bytes) throws IOException {
    ByteBuffer into = ByteBuffer.allocate(bytes);
    int count;
    do {
      count = agent.read(into);
      assertTrue(count != 0 || !into.hasRemaining(), "a read gives something or the end");
    } while (count > 0 && into.hasRemaining());
    return into.position();
  }

  private static String layout(RemoteSession session, Channel client) throws IOException {
    return read(session.layouts().layout("l").blob(GoodClient.BLOB));
  }

  private static String read(InputStream from) throws IOException {
    try (from) {
      return from.readAllBytes().length + " bytes";
    }
  }

  private static String blob(RemoteSession session, Channel client) throws Exception {
    byte[] bytes = GoodClient.BYTES;
    new RemoteBlobs(client, 0)
        .put(GoodClient.BLOB, bytes.length, () -> new ByteArrayInputStream(bytes));
    return "written";
  }

  private StreamObserver<ByteString> play(Metadata headers, StreamObserver<ByteString> back) {
    Part part = parts.get(String.valueOf(headers.get(CASE)));
    if (part == null) { // its build was cancelled before it came here
      back.onError(Status.ABORTED.asRuntimeException());
      return Player.hasty();
    }
    Player player = part.whole() ? Player.patient() : Player.hasty();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                player.play(part.turns(), part.ending(), back);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    return player;
  }

  @Test
  void changedAnswersOfClientsEndInAnAnswerOrAnError() throws Exception {
    var numbers = new AtomicLong();
    for (Question question : questions) {
      Part whole = new Part(question.whole(), Ending.COMPLETE, true);
      assertEquals(question.answer(), ask("whole" + numbers.getAndIncrement(), question, whole));
    }
    var right = new AtomicLong();
    long cases =
        FuzzRun.of(
            "answers",
            random -> {
              Question question = questions.get(random.nextInt(questions.size()));
              List<Turn> turns = mutator.mutate(List.of(question.whole()), random);
              Part part = new Part(turns, Ending.any(random), false);
              String got = ask("case" + numbers.getAndIncrement(), question, part);
              right.addAndGet(got.equals(question.answer()) ? 1 : 0);
            });
    assertTrue(cases > 20 && right.get() > 0 && right.get() < cases, cases + ", " + right);
    threads.assertAllEnd(BOUND);
    for (Question question : questions) {
      assertEquals(question.answer(), question.ask().of(session(good), good));
    }
  }

  /** What the build got, or its failure. */
  private String ask(String name, Question question, Part part) throws Exception {
    parts.put(name, part);
    var headers = new Metadata();
    headers.put(CASE, name);
    Channel client =
        ClientInterceptors.intercept(
            routed(question.method(), question.hostile()),
            MetadataUtils.newAttachHeadersInterceptor(headers));
    var got = new AtomicReference<>("");
    var failure = new AtomicReference<@Nullable Throwable>();
    Thread build =
        threads.newThread(
            () -> {
              try {
                got.set(question.ask().of(session(client), client));
              } catch (Throwable cause) {
                failure.set(cause);
              }
            });
    build.start();
    if (!part.whole() && !build.join(Duration.ofMillis(200))) {
      build.interrupt(); // It is cancelled.
    }
    assertTrue(
        build.join(BOUND),
        () -> question.method().getFullMethodName() + ": " + List.of(build.getStackTrace()));
    parts.remove(name);
    Throwable thrown = failure.get();
    if (thrown == null) {
      return String.valueOf(got.get());
    }
    if (!(thrown instanceof BuildException
        || thrown instanceof IOException
        || thrown instanceof InterruptedException)) {
      throw new AssertionError(question.method().getFullMethodName() + ": a defect", thrown);
    }
    boolean told = !String.valueOf(thrown.getMessage()).isBlank() && thrown.getMessage() != null;
    boolean interrupted =
        thrown instanceof InterruptedException || thrown instanceof ClosedByInterruptException;
    assertFalse(!told && !interrupted, () -> "no text: " + thrown);
    return "failed: " + thrown.getMessage();
  }
}
