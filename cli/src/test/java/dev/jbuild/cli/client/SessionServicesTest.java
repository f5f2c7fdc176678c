package dev.jbuild.cli.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.session.SshAgents;
import io.grpc.BindableService;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ByteChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import moby.buildkit.secrets.v1.GetSecretRequest;
import moby.buildkit.secrets.v1.SecretsGrpc;
import moby.sshforward.v1.BytesMessage;
import moby.sshforward.v1.SSHGrpc;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a client's services do when a daemon behaves badly. */
@Timeout(60)
class SessionServicesTest {
  private static final long SECONDS = 20;

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<Server> servers = new ArrayList<>();
  private final List<ManagedChannel> daemons = new ArrayList<>();

  @AfterEach
  void stop() {
    daemons.forEach(ManagedChannel::shutdownNow);
    servers.forEach(Server::shutdownNow);
    threads.shutdownNow();
  }

  private void serve(BindableService service) throws IOException {
    String name = UUID.randomUUID().toString();
    servers.add(
        InProcessServerBuilder.forName(name).executor(threads).addService(service).build().start());
    daemons.add(InProcessChannelBuilder.forName(name).executor(threads).build());
  }

  private ManagedChannel daemon() {
    return daemons.getLast();
  }

  /** An agent that does what a test says, until its connection is closed. */
  private static class Agent implements SshAgents, ByteChannel {
    final CountDownLatch closed = new CountDownLatch(1);
    final CountDownLatch asked = new CountDownLatch(1);
    final AtomicInteger answers = new AtomicInteger();

    @Override
    public boolean offers(String id) {
      return id.equals("default");
    }

    @Override
    public ByteChannel connect(String id) {
      return this;
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
      return waitForClose();
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
      asked.countDown();
      return waitForClose();
    }

    private int waitForClose() throws IOException {
      try {
        assertTrue(closed.await(2 * SECONDS, TimeUnit.SECONDS), "nobody closes it");
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      throw new AsynchronousCloseException();
    }

    @Override
    public boolean isOpen() {
      return closed.getCount() > 0;
    }

    @Override
    public void close() {
      closed.countDown();
    }

    void assertClosed() throws InterruptedException {
      assertTrue(closed.await(SECONDS, TimeUnit.SECONDS), "the agent is let go");
    }
  }

  private void serve(Agent agent) throws IOException {
    serve(new AgentService(agent, Metadata::new, Thread.ofVirtual().factory()));
  }

  /** A daemon that takes no message. */
  private ClientCall<BytesMessage, BytesMessage> forward(CompletableFuture<Status> end) {
    var call = daemon().newCall(SSHGrpc.getForwardAgentMethod(), CallOptions.DEFAULT);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onClose(Status status, Metadata trailers) {
            end.complete(status);
          }
        },
        new Metadata());
    return call;
  }

  @Test
  void anAgentThatTakesNothingIsLetGoWhenTheCallEnds() throws Exception {
    var agent = new Agent();
    serve(agent);
    var call = forward(new CompletableFuture<>());
    call.sendMessage(BytesMessage.newBuilder().setData(ByteString.copyFromUtf8("sign")).build());
    assertTrue(agent.asked.await(SECONDS, TimeUnit.SECONDS), "it is asked");
    call.cancel("the step has ended", null);
    agent.assertClosed();
  }

  @Test
  void anAgentThatHangsUpFirstIsLetGo() throws Exception {
    var agent =
        new Agent() {
          @Override
          public int read(ByteBuffer into) {
            return -1;
          }
        };
    serve(agent);
    var end = new CompletableFuture<Status>();
    forward(end);
    assertEquals(Status.Code.OK, end.get(SECONDS, TimeUnit.SECONDS).getCode());
    agent.assertClosed();
  }

  @Test
  void answersThatNobodyTakesAreNotGathered() throws Exception {
    var agent =
        new Agent() {
          @Override
          public int read(ByteBuffer into) throws IOException {
            if (!isOpen()) {
              throw new AsynchronousCloseException();
            }
            answers.incrementAndGet();
            int count = into.remaining();
            into.position(into.limit());
            return count;
          }
        };
    serve(agent);
    var call = forward(new CompletableFuture<>());
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(500);
    while (System.nanoTime() < end && agent.answers.get() < 1000) {
      Thread.onSpinWait();
    }
    assertTrue(agent.answers.get() < 100, () -> agent.answers + " answers wait");
    call.cancel("the step has ended", null);
    agent.assertClosed();
  }

  @Test
  void anAgentThatIsNotThereIsNoDefect() throws Exception {
    var agent =
        new Agent() {
          @Override
          public boolean offers(String id) {
            return false;
          }
        };
    serve(agent);
    List<String> log = new CopyOnWriteArrayList<>();
    var handler = new Lines(log);
    Logger.getLogger("io.grpc").addHandler(handler);
    try {
      var end = new CompletableFuture<Status>();
      forward(end);
      Status status = end.get(SECONDS, TimeUnit.SECONDS);
      assertEquals(Status.Code.NOT_FOUND, status.getCode());
      assertEquals("ssh agent 'default' is not offered", status.getDescription());
      daemon().shutdown();
      Server server = servers.getLast().shutdown();
      assertTrue(server.awaitTermination(SECONDS, TimeUnit.SECONDS));
      assertEquals(List.of(), List.copyOf(log));
    } finally {
      Logger.getLogger("io.grpc").removeHandler(handler);
    }
  }

  private static final class Lines extends Handler {
    private final List<String> all;

    Lines(List<String> all) {
      this.all = all;
    }

    @Override
    public void publish(LogRecord record) {
      all.add(record.getMessage());
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  @Test
  void aSecretThatCanNotBeReadSaysWhy() throws Exception {
    serve(
        new SecretsService(
            id -> {
              throw new BuildException(
                  Code.FAILED, "secret '" + id + "': '/gone' cannot be read: no such file");
            }));
    var calls = SecretsGrpc.newBlockingStub(daemon()).withDeadlineAfter(SECONDS, TimeUnit.SECONDS);
    var failure =
        assertThrows(
            StatusRuntimeException.class,
            () -> calls.getSecret(GetSecretRequest.newBuilder().setID("x").build()));
    assertEquals(
        "secret 'x': '/gone' cannot be read: no such file", failure.getStatus().getDescription());
  }
}
