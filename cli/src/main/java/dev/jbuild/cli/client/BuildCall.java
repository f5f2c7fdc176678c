package dev.jbuild.cli.client;

import dev.jbuild.cli.progress.BuildEvent;
import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import moby.buildkit.v1.ControlGrpc;
import moby.buildkit.v1.SolveRequest;
import moby.buildkit.v1.SolveResponse;
import moby.buildkit.v1.StatusRequest;

/** One build over the API: Solve on the caller's thread, Status on another one. */
final class BuildCall {
  static final int MESSAGE_BYTES = 16 << 20;

  /**
   * How long events are waited for after the answer: late ones, or none when the build never began.
   */
  private static final Duration LATE = Duration.ofSeconds(10);

  private static final Duration NEVER_BEGAN = Duration.ofMillis(500);

  private final Channel channel;
  private final String place;
  private final Consumer<List<BuildEvent>> events;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final AtomicBoolean heard = new AtomicBoolean();

  BuildCall(Channel channel, String place, Consumer<List<BuildEvent>> events) {
    this.channel = channel;
    this.place = place;
    this.events = events;
  }

  /**
   * Builds and gives the response keys. When the thread is interrupted the build is cancelled, and
   * this waits a while for the daemon to say that nothing of it is left.
   */
  Map<String, String> run(SolveRequest request) throws InterruptedException {
    return FrontendQuestion.is(request) ? answer(new FrontendQuestion(request)) : solve(request);
  }

  private Map<String, String> answer(FrontendQuestion question) throws InterruptedException {
    Context.CancellableContext asking = Context.current().withCancellation();
    Thread.ofPlatform()
        .daemon()
        .name("frontend")
        .start(() -> asking.run(() -> question.ask(channel)));
    try {
      var all = new HashMap<>(solve(question.build()));
      all.putAll(question.answer());
      return all;
    } finally {
      asking.cancel(null);
    }
  }

  private Map<String, String> solve(SolveRequest request) throws InterruptedException {
    Context.CancellableContext status = Context.current().withCancellation();
    Thread.ofPlatform()
        .daemon()
        .name("status")
        .start(() -> status.run(() -> readEvents(request.getRef())));
    boolean interrupted = false;
    try {
      SolveResponse response =
          ControlGrpc.newBlockingStub(channel)
              .withMaxInboundMessageSize(MESSAGE_BYTES)
              .solve(request);
      return response.getExporterResponseMap();
    } catch (StatusRuntimeException e) {
      interrupted = Thread.interrupted();
      if (interrupted) {
        throw cancelled(e);
      }
      throw FailureDecoder.of(e, place);
    } finally {
      awaitEvents(interrupted);
      status.cancel(null);
    }
  }

  private static InterruptedException cancelled(StatusRuntimeException cause) {
    var cancelled = new InterruptedException("the build was cancelled");
    cancelled.initCause(cause);
    return cancelled;
  }

  private void awaitEvents(boolean interrupted) throws InterruptedException {
    Duration limit = heard.get() || interrupted ? LATE : NEVER_BEGAN;
    boolean inTime = ended.await(limit.toMillis(), TimeUnit.MILLISECONDS);
    if (!inTime && heard.get()) {
      System.getLogger(BuildCall.class.getName())
          .log(System.Logger.Level.DEBUG, "the last events did not come in time");
    }
  }

  private void readEvents(String ref) {
    try {
      var messages =
          ControlGrpc.newBlockingStub(channel)
              .withMaxInboundMessageSize(MESSAGE_BYTES)
              .status(StatusRequest.newBuilder().setRef(ref).build());
      var decoder = new EventDecoder();
      while (messages.hasNext()) {
        heard.set(true);
        events.accept(decoder.decode(messages.next()));
      }
    } catch (StatusRuntimeException e) {
      // Solve tells why; without events a build is only less talkative.
    } finally {
      ended.countDown();
    }
  }
}
