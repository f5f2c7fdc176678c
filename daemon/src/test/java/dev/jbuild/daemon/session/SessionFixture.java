package dev.jbuild.daemon.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jbuild.daemon.session.sync.RemoteOutputs;
import dev.jbuild.daemon.session.tunnel.ServingTunnel;
import dev.jbuild.daemon.session.tunnel.SessionMethod;
import dev.jbuild.daemon.session.tunnel.TunnelLoops;
import io.grpc.BindableService;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import moby.buildkit.v1.ControlGrpc;

/** A daemon that takes sessions, and clients that open them. */
final class SessionFixture implements AutoCloseable {
  private static final Context.Key<Metadata> HEADERS = Context.key("headers");

  final SessionRegistry registry = new SessionRegistry();

  /** Threads of the host that have begun and not ended. */
  final AtomicInteger hostThreads = new AtomicInteger();

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final TunnelLoops hostLoops = new TunnelLoops(1);
  private final TunnelLoops clientLoops = new TunnelLoops(1);
  private final SessionHost host;
  private final Server daemon;
  private final List<ManagedChannel> channels = new ArrayList<>();
  private final String name;

  SessionFixture(Path parent, String name) throws IOException {
    this(parent, name, SessionHost.Pulse.USUAL);
  }

  SessionFixture(Path parent, String name, SessionHost.Pulse pulse) throws IOException {
    this.name = name;
    ThreadFactory counted =
        task ->
            Thread.ofVirtual()
                .unstarted(
                    () -> {
                      hostThreads.incrementAndGet();
                      try {
                        task.run();
                      } finally {
                        hostThreads.decrementAndGet();
                      }
                    });
    RemoteOutputs.Staging staging =
        new RemoteOutputs.Staging(
            parent,
            directories -> {
              throw new IllegalStateException("no directory is sent here");
            },
            counted);
    host = new SessionHost(registry, hostLoops, counted, staging, pulse);
    ServerServiceDefinition control =
        SessionMethod.in(
            new ControlGrpc.ControlImplBase() {}.bindService(),
            (stream, loop) -> host.open(HEADERS.get(), stream, loop));
    daemon =
        InProcessServerBuilder.forName(name)
            .executor(threads)
            .addService(control)
            .intercept(new KeepHeaders())
            .build()
            .start();
  }

  private static final class KeepHeaders implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      return Contexts.interceptCall(
          Context.current().withValue(HEADERS, headers), call, headers, next);
    }
  }

  /** A client's own connection; one that is killed takes nobody else's with it. */
  ManagedChannel connect() {
    ManagedChannel channel = InProcessChannelBuilder.forName(name).executor(threads).build();
    channels.add(channel);
    return channel;
  }

  ControlGrpc.ControlStub calls(ManagedChannel channel, Metadata headers) {
    return ControlGrpc.newStub(channel)
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  /** A client whose session offers all that its services have. */
  ServingTunnel serve(ManagedChannel channel, String id, BindableService... services)
      throws IOException {
    var bound = new ArrayList<ServerServiceDefinition>();
    Set<String> methods = new TreeSet<>();
    for (BindableService service : services) {
      ServerServiceDefinition definition = service.bindService();
      bound.add(definition);
      definition
          .getMethods()
          .forEach(method -> methods.add("/" + method.getMethodDescriptor().getFullMethodName()));
    }
    return serve(channel, new SessionHeaders(id, "", methods), bound);
  }

  ServingTunnel serve(
      ManagedChannel channel, SessionHeaders headers, List<ServerServiceDefinition> services)
      throws IOException {
    return ServingTunnel.open(
        services,
        stream -> SessionMethod.open(calls(channel, headers.write()).getChannel(), stream),
        clientLoops,
        threads);
  }

  /** No thread of it is left, however many tunnels still connect. */
  void closeHost() {
    host.close();
    long last = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (hostThreads.get() > 0 && System.nanoTime() < last) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }
    assertEquals(0, hostThreads.get(), "threads that are left");
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
    daemon.shutdownNow();
    closeHost();
    hostLoops.close();
    clientLoops.close();
    threads.shutdownNow();
  }
}
