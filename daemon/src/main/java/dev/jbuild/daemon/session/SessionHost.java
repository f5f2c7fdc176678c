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
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Takes the tunnels that clients open, offers the sessions behind them, and watches that they live.
 * Closing ends those that are left; it comes before the end of the connections' threads. Source:
 * reference wire-session, sections 1 and 2.
 */
public final class SessionHost implements AutoCloseable {
  private static final int CHECKS = 2;
  private static final Duration END = Duration.ofSeconds(1); // for all of them

  private final SessionRegistry registry;
  private final ThreadFactory threads;
  private final RemoteOutputs.Staging staging;
  private final Pulse pulse;
  private final TunnelLoops loops;
  private final Set<Thread> watching = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /**
   * How it is found out whether a client lives: who misses two checks does not.
   *
   * @param between two checks
   * @param answer has to come in that time, or in 1.5 times what the last one took
   */
  record Pulse(Duration between, Duration answer) {
    /** After 47.5 s a client that says nothing is dropped. */
    static final Pulse USUAL = new Pulse(Duration.ofSeconds(5), Duration.ofSeconds(15));
  }

  /**
   * @param loops of the connections that bring sessions
   * @param threads cheap ones: one for each session, and one for each thing that a client says
   * @param staging where outputs lie on their way to clients
   */
  public SessionHost(
      SessionRegistry registry,
      TunnelLoops loops,
      ThreadFactory threads,
      RemoteOutputs.Staging staging) {
    this(registry, loops, threads, staging, Pulse.USUAL);
  }

  /** With checks at other times. */
  SessionHost(
      SessionRegistry registry,
      TunnelLoops loops,
      ThreadFactory threads,
      RemoteOutputs.Staging staging,
      Pulse pulse) {
    this.loops = loops;
    this.pulse = pulse;
    this.registry = registry;
    this.threads = threads;
    this.staging = staging;
  }

  /**
   * Takes a tunnel; the session is there until one side ends it.
   *
   * @param headers of the call that brought it
   * @param loop of its connection, where that is known
   * @return takes what the client sends
   * @throws dev.jbuild.error.BuildException INVALID without an id, or when the id is taken
   */
  public StreamObserver<ByteBuf> open(
      Metadata headers, ServerCallStreamObserver<ByteBuf> stream, @Nullable EventLoop loop) {
    SessionHeaders session = SessionHeaders.read(headers);
    CallingTunnel tunnel =
        CallingTunnel.open(
            stream, loop == null ? loops.next() : loop, task -> threads.newThread(task).start());
    SessionRegistry.Registration registration;
    try {
      registration = registry.register(new RemoteSession(session, tunnel.channel(), staging));
    } catch (RuntimeException refused) {
      tunnel.abandon();
      throw refused;
    }
    Thread watch = threads.newThread(() -> watch(tunnel, registration));
    watching.add(watch);
    watch.start();
    if (closed) {
      watch.interrupt();
    }
    return tunnel.incoming();
  }

  @Override
  public void close() {
    closed = true;
    watching.forEach(Thread::interrupt);
    long last = System.nanoTime() + END.toNanos();
    try {
      for (Thread watch : watching) {
        if (!watch.join(Duration.ofNanos(last - System.nanoTime()))) {
          System.getLogger(SessionHost.class.getName())
              .log(System.Logger.Level.WARNING, "a session does not end");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends with the tunnel, which it ends when the client does not answer. */
  private void watch(CallingTunnel tunnel, SessionRegistry.Registration registration) {
    try (registration) {
      int missed = 0;
      long last = 0;
      while (!hasEnded(tunnel)) {
        long begin = System.nanoTime();
        boolean alive = answers(tunnel, Math.max(pulse.answer().toNanos(), last * 3 / 2));
        last = System.nanoTime() - begin;
        missed = alive ? 0 : missed + 1;
        if (missed == CHECKS) {
          tunnel.fail("session: the client did not answer " + CHECKS + " health checks");
          return;
        }
      }
    } finally {
      tunnel.close();
      watching.remove(Thread.currentThread());
    }
  }

  private boolean hasEnded(CallingTunnel tunnel) {
    try {
      tunnel.ended().get(pulse.between().toNanos(), TimeUnit.NANOSECONDS);
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
}
