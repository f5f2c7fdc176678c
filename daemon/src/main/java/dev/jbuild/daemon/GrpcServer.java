package dev.jbuild.daemon;

import dev.jbuild.daemon.api.ApiServices;
import dev.jbuild.daemon.config.ListenAddress;
import dev.jbuild.daemon.config.ServerConfig;
import dev.jbuild.daemon.session.tunnel.SessionMethod;
import dev.jbuild.daemon.session.tunnel.TunnelLoops;
import dev.jbuild.daemon.transport.ClientLimits;
import dev.jbuild.daemon.transport.ConnectionBounds;
import dev.jbuild.daemon.transport.Connections;
import dev.jbuild.daemon.transport.LimitInterceptor;
import dev.jbuild.daemon.transport.MessageBudget;
import dev.jbuild.daemon.transport.RequestBound;
import dev.jbuild.daemon.transport.ServerTls;
import dev.jbuild.daemon.transport.TcpSockets;
import dev.jbuild.daemon.transport.UnixSockets;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallExecutorSupplier;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelOption;
import io.netty.channel.ServerChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The services at their addresses, over Netty on the JDK's channels: no native library is unpacked.
 * A Unix socket appears under its name when it answers, and is gone after the end.
 */
public final class GrpcServer implements AutoCloseable {
  private static final long DRAIN_MILLIS = 150;
  private static final long TELLING_MILLIS = 50;
  private static final int RESET_SECONDS = 10;

  private final List<Server> servers = new ArrayList<>();
  private final List<Path> sockets = new ArrayList<>();
  private final TunnelLoops acceptors = new TunnelLoops(1);
  private final TunnelLoops loops;
  private final List<ServerServiceDefinition> services;
  private final ServerConfig config;
  private final LimitInterceptor limits;
  private final OpenCalls calls = new OpenCalls();
  private final ConnectionBounds bounds;
  private final ScheduledThreadPoolExecutor timer;
  private final MessageBudget budget;
  private final Executor handlers;

  /**
   * @param loops of the connections; they have to outlive this
   * @param handlers runs the calls; they may block
   */
  public GrpcServer(
      List<ServerServiceDefinition> services,
      ServerConfig config,
      ClientLimits limits,
      TunnelLoops loops,
      Executor handlers) {
    this(services, config, limits, ConnectionBounds.USUAL, loops, handlers);
  }

  /** With other bounds of connections. */
  GrpcServer(
      List<ServerServiceDefinition> services,
      ServerConfig config,
      ClientLimits limits,
      ConnectionBounds bounds,
      TunnelLoops loops,
      Executor handlers) {
    this.bounds = bounds;
    this.loops = loops;
    this.timer =
        new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().name("bounds").daemon().factory());
    this.timer.setRemoveOnCancelPolicy(true);
    this.budget = new MessageBudget(bounds.arriving(), handlers);
    this.services = List.copyOf(services);
    this.config = config;
    this.limits = new LimitInterceptor(limits);
    this.handlers = handlers;
  }

  /**
   * Begins to serve at an address.
   *
   * @return the address as it is, with the port that was chosen
   * @throws BuildException UNAVAILABLE when the address is in use, FAILED when it can not be used
   */
  public ListenAddress listen(ListenAddress address) {
    try {
      return switch (address) {
        case ListenAddress.Unix unix -> listen(unix);
        case ListenAddress.Tcp tcp -> listen(tcp);
        case ListenAddress.Activated activated -> listen(activated);
      };
    } catch (IOException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new BuildException(Code.FAILED, "address '" + address + "': " + cause.getMessage(), e);
    }
  }

  private ListenAddress listen(ListenAddress.Tcp tcp) throws IOException {
    var address = new InetSocketAddress(tcp.host(), tcp.port());
    Server server = start(tcp(address), TcpSockets::open);
    return new ListenAddress.Tcp(tcp.host(), server.getPort());
  }

  private ListenAddress listen(ListenAddress.Unix unix) throws IOException {
    Path path = unix.path();
    Path parent = path.getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    UnixSockets.refuseLive(unix);
    // Bound under another name and renamed, so that who sees the name can connect and call.
    Path early =
        path.resolveSibling("." + path.getFileName() + "." + ProcessHandle.current().pid());
    Files.deleteIfExists(early);
    start(unix(UnixDomainSocketAddress.of(early)), UnixSockets::open);
    try {
      UnixSockets.own(early, config.owner());
      Files.move(early, path, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException | RuntimeException e) {
      Files.deleteIfExists(early);
      throw e;
    }
    sockets.add(path);
    return unix;
  }

  private ListenAddress listen(ListenAddress.Activated activated) throws IOException {
    ServerSocketChannel socket = UnixSockets.activated();
    if (!(socket.getLocalAddress() instanceof InetSocketAddress address)) {
      start(unix(socket.getLocalAddress()), () -> UnixSockets.over(socket));
      return activated;
    }
    if (config.tls() == null) {
      throw new BuildException(
          Code.INVALID,
          "address 'fd://': the socket at "
              + address
              + " is TCP and needs TLS with client certificates: give --tlscert, --tlskey and"
              + " --tlscacert");
    }
    start(tcp(address), () -> TcpSockets.over(socket));
    return activated;
  }

  private NettyServerBuilder tcp(SocketAddress address) {
    ServerConfig.TlsFiles tls = config.tls();
    var connections = new Connections(bounds);
    return tls == null
        ? NettyServerBuilder.forAddress(address, UnixSockets.credentials(connections))
        : NettyServerBuilder.forAddress(address, ServerTls.of(tls, connections));
  }

  private NettyServerBuilder unix(SocketAddress address) {
    return NettyServerBuilder.forAddress(address, UnixSockets.credentials(new Connections(bounds)))
        // gRPC sets it always, Netty then warns at each connection: null takes it away again.
        .withChildOption(ChannelOption.SO_KEEPALIVE, null);
  }

  private Server start(NettyServerBuilder builder, ChannelFactory<ServerChannel> channels)
      throws IOException {
    builder
        .channelFactory(channels)
        .bossEventLoopGroup(acceptors.group())
        .workerEventLoopGroup(loops.group())
        .executor(handlers)
        .callExecutor(new Executors())
        .addStreamTracerFactory(budget)
        .intercept(limits)
        .intercept(new RequestBound(bounds.request(), timer))
        .intercept(calls)
        .maxInboundMessageSize(ApiServices.MESSAGE_BYTES)
        .maxInboundMetadataSize(ApiServices.METADATA_BYTES)
        .maxConcurrentCallsPerConnection(bounds.calls())
        .maxRstFramesPerWindow(bounds.resets(), RESET_SECONDS)
        .handshakeTimeout(bounds.greeting().toMillis(), TimeUnit.MILLISECONDS)
        .keepAliveTime(bounds.pulse().toMillis(), TimeUnit.MILLISECONDS)
        .keepAliveTimeout(bounds.pulse().toMillis() / 3, TimeUnit.MILLISECONDS)
        .permitKeepAliveTime(1, TimeUnit.SECONDS)
        .permitKeepAliveWithoutCalls(true);
    services.forEach(builder::addService);
    Server server = builder.build();
    server.start();
    servers.add(server);
    return server;
  }

  /** What comes for a tunnel goes on to its own thread, without one in between. */
  private static final class Executors implements ServerCallExecutorSupplier {
    @Override
    public <Q, A> @Nullable Executor getExecutor(ServerCall<Q, A> call, Metadata headers) {
      return SessionMethod.is(call.getMethodDescriptor()) ? Runnable::run : null;
    }
  }

  /** Takes no more calls, then ends those that still go on and tells their clients why. */
  @Override
  public void close() {
    for (Path socket : sockets) {
      try {
        Files.deleteIfExists(socket);
      } catch (IOException e) {
        System.getLogger(GrpcServer.class.getName())
            .log(System.Logger.Level.WARNING, "socket " + socket + " stays behind", e);
      }
    }
    servers.forEach(Server::shutdown);
    try {
      for (Server server : servers) {
        if (!server.awaitTermination(DRAIN_MILLIS, TimeUnit.MILLISECONDS)) {
          calls.end(ApiServices.stopped());
        }
        if (!server.awaitTermination(TELLING_MILLIS, TimeUnit.MILLISECONDS)) {
          server.shutdownNow();
        }
      }
    } catch (InterruptedException e) {
      servers.forEach(Server::shutdownNow);
      Thread.currentThread().interrupt();
    } finally {
      timer.shutdownNow();
      acceptors.close();
    }
  }
}
