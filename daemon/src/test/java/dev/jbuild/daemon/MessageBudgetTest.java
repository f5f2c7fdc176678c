package dev.jbuild.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.KnownLength;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Messages that never become whole cost those who send them, and nobody else. */
@Timeout(60)
class MessageBudgetTest {
  private static final int MOST = 5 << 20;

  /** The client sends whole mebibytes of it. */
  private static final int PART = 5 << 19;

  private static final MethodDescriptor<InputStream, InputStream> TAKE =
      MethodDescriptor.newBuilder(new AsItIs(), new AsItIs())
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName("test.Taker/Take")
          .build();

  private final BoundedServer server =
      new BoundedServer(
          ServerServiceDefinition.builder("test.Taker")
              .addMethod(
                  TAKE,
                  ServerCalls.asyncUnaryCall(
                      (taken, observer) -> {
                        observer.onNext(taken);
                        observer.onCompleted();
                      }))
              .build());
  private final CountDownLatch enough = new CountDownLatch(1);
  private final BlockingQueue<Status> ends = new LinkedBlockingQueue<>();
  private int port;

  @BeforeEach
  void serve() {
    var bounds = new BoundedServer.Bounds();
    bounds.arriving = MOST;
    port = server.serve(bounds);
  }

  @AfterEach
  void close() throws Exception {
    enough.countDown();
    server.close();
  }

  /** Gives how the call ends, which is well once all has arrived. */
  private static Status.Code ask(ManagedChannel channel, int bytes) {
    try {
      ClientCalls.blockingUnaryCall(
          channel,
          TAKE,
          CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS),
          new ByteArrayInputStream(new byte[bytes]));
      return Status.Code.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode();
    }
  }

  /** Of which the last byte does not come. */
  private final class Unfinished extends InputStream implements KnownLength {
    private int left = PART;

    @Override
    public int available() {
      return PART + 1;
    }

    @Override
    public int read() {
      return read(new byte[1], 0, 1) < 0 ? -1 : 0;
    }

    @Override
    public int read(byte[] to, int from, int length) {
      if (left == 0) {
        try {
          enough.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
        return -1;
      }
      int piece = Math.min(left, length);
      left -= piece;
      return piece;
    }
  }

  /** What arrives is only looked at. */
  private static final class AsItIs implements MethodDescriptor.Marshaller<InputStream> {
    @Override
    public InputStream stream(InputStream value) {
      return value;
    }

    @Override
    public InputStream parse(InputStream stream) {
      return InputStream.nullInputStream();
    }
  }

  private void begin(ManagedChannel channel) {
    ClientCall<InputStream, InputStream> call = channel.newCall(TAKE, CallOptions.DEFAULT);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onClose(Status status, Metadata trailers) {
            ends.add(status);
          }
        },
        new Metadata());
    call.request(1);
    Thread.ofVirtual().start(() -> call.sendMessage(new Unfinished()));
  }

  @Test
  void whoHoldsMostLosesACallAndNobodyElseDoes() throws Exception {
    ManagedChannel modest = connected();
    begin(modest);
    ManagedChannel greedy = connected();
    begin(greedy);
    begin(greedy);
    Status end = null;
    for (int i = 0; end == null && i < 1000; i++) {
      // What was begun goes out with what is asked beside it.
      assertEquals(Status.Code.OK, ask(modest, 1));
      assertEquals(Status.Code.OK, ask(greedy, 1));
      end = ends.poll(10, TimeUnit.MILLISECONDS);
    }
    assertEquals(
        "RESOURCE_EXHAUSTED: messages that have not wholly arrived take more than 5 MiB, and this"
            + " connection has most of them: send fewer at once",
        end == null ? "none" : end.getCode() + ": " + end.getDescription());
    for (int i = 0; i < 20; i++) {
      assertEquals(Status.Code.OK, ask(modest, 100 << 10));
      assertEquals(Status.Code.OK, ask(greedy, 100 << 10));
    }
    assertEquals(0, ends.size(), "no other call has ended");
  }

  @Test
  void whatHasArrivedCountsNoMore() {
    ManagedChannel channel = connected();
    for (int i = 0; i < 10; i++) {
      assertEquals(Status.Code.OK, ask(channel, MOST / 2));
    }
  }

  @Test
  void whatIsCancelledCountsNoMore() throws Exception {
    for (int i = 0; i < 6; i++) {
      ManagedChannel gone = connected();
      begin(gone);
      assertEquals(Status.Code.OK, ask(gone, 1), "what was begun is sent before");
      gone.shutdownNow();
      Status end = ends.poll(20, TimeUnit.SECONDS);
      assertEquals(Status.Code.UNAVAILABLE, end == null ? null : end.getCode());
    }
    ManagedChannel last = connected();
    begin(last);
    begin(last);
    assertEquals(Status.Code.OK, ask(last, 1));
    assertEquals(0, ends.size(), "there is room for both");
  }

  /** Before that calls would wait for it, and not send. */
  private ManagedChannel connected() {
    ManagedChannel channel = server.channel(port);
    assertEquals(Status.Code.OK, ask(channel, 1));
    return channel;
  }
}
