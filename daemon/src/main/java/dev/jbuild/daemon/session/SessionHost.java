package dev.jbuild.daemon.session;

import dev.jbuild.daemon.session.sync.RemoteOutputs;
import dev.jbuild.daemon.session.tunnel.CallingTunnel;
import dev.jbuild.daemon.session.tunnel.TunnelLoops;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import moby.buildkit.v1.BytesMessage;

/**
 * Takes the tunnels that clients open, offers the sessions behind them, and watches that they live.
 * Source: reference wire-session, sections 1 and 2.
 */
public final class SessionHost implements AutoCloseable {
  private static final long CHECK_SECONDS = 5;
  private static final long ANSWER_NANOS = TimeUnit.SECONDS.toNanos(15);
  private static final int CHECKS = 2;

  private final SessionRegistry registry;
  private final ThreadFactory threads;
  private final RemoteOutputs.Staging staging;
  private final TunnelLoops loops = new TunnelLoops();

  /**
   * @param threads cheap ones: one for each session, and one for each thing that a client says
   * @param staging where outputs lie on their way to clients
   */
  public SessionHost(
      SessionRegistry registry, ThreadFactory threads, RemoteOutputs.Staging staging) {
    this.registry = registry;
    this.threads = threads;
    this.staging = staging;
  }

  /**
   * Takes a tunnel; the session is there until one side ends it.
   *
   * @param headers of the call that brought it
   * @return takes what the client sends
   * @throws dev.jbuild.error.BuildException INVALID without an id, or when the id is taken
   */
  public StreamObserver<BytesMessage> open(
      Metadata headers, ServerCallStreamObserver<BytesMessage> stream) {
    SessionHeaders session = SessionHeaders.read(headers);
    CallingTunnel tunnel =
        CallingTunnel.open(stream, loops, task -> threads.newThread(task).start());
    SessionRegistry.Registration registration;
    try {
      registration = registry.register(new RemoteSession(session, tunnel.channel(), staging));
    } catch (RuntimeException refused) {
      tunnel.abandon();
      throw refused;
    }
    threads.newThread(() -> watch(tunnel, registration)).start();
    return tunnel.incoming();
  }

  /** Ends with the tunnel, which it ends when the client does not answer. */
  private static void watch(CallingTunnel tunnel, SessionRegistry.Registration registration) {
    try (registration) {
      int missed = 0;
      long last = 0;
      while (missed < CHECKS && !hasEnded(tunnel)) {
        long begin = System.nanoTime();
        boolean alive = answers(tunnel, Math.max(ANSWER_NANOS, last * 3 / 2));
        last = System.nanoTime() - begin;
        missed = alive ? 0 : missed + 1;
      }
    } finally {
      tunnel.close();
    }
  }

  private static boolean hasEnded(CallingTunnel tunnel) {
    try {
      tunnel.ended().get(CHECK_SECONDS, TimeUnit.SECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException("the end of a tunnel never fails", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  private static boolean answers(CallingTunnel tunnel, long nanos) {
    try {
      return HealthGrpc.newBlockingStub(tunnel.channel())
          .withDeadlineAfter(nanos, TimeUnit.NANOSECONDS)
          .check(HealthCheckRequest.getDefaultInstance())
          .isInitialized();
    } catch (StatusRuntimeException e) {
      // Who says that it has no such service is there.
      return e.getStatus().getCode() == Status.Code.UNIMPLEMENTED;
    }
  }

  /** Ends all tunnels. */
  @Override
  public void close() {
    loops.close();
  }
}
