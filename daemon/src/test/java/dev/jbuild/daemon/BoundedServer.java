package dev.jbuild.daemon;

import dev.jbuild.daemon.config.ListenAddress;
import dev.jbuild.daemon.config.ServerConfig;
import dev.jbuild.daemon.session.tunnel.TunnelLoops;
import dev.jbuild.daemon.transport.ClientLimits;
import dev.jbuild.daemon.transport.ConnectionBounds;
import io.grpc.ManagedChannel;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A daemon's server with bounds of a test's own, and those who connect to it. */
final class BoundedServer implements AutoCloseable {
  static final Duration LONG = Duration.ofHours(1);
  static final Duration SHORT = Duration.ofMillis(400);

  /** No bound is met before its time. */
  static final long EARLY_NANOS = SHORT.dividedBy(2).toNanos();

  /** Of which a test makes one short. */
  static final class Bounds {
    Duration greeting = LONG;
    Duration firstCall = LONG;
    Duration frame = LONG;
    Duration request = LONG;
    Duration pulse = LONG;
    int connections = 100;
    int calls = 100;
    int resets = 100;
    long arriving = 1 << 20;

    private ConnectionBounds all() {
      return new ConnectionBounds(
          greeting, firstCall, frame, request, pulse, SHORT, connections, calls, resets, arriving);
    }
  }

  private final ExecutorService handlers = Executors.newVirtualThreadPerTaskExecutor();
  private final MultiThreadIoEventLoopGroup loop =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final TunnelLoops loops = new TunnelLoops(2);
  private final List<ManagedChannel> channels = new ArrayList<>();
  private final List<Socket> sockets = new ArrayList<>();
  private final ServerServiceDefinition service;
  private @Nullable GrpcServer server;

  BoundedServer(ServerServiceDefinition service) {
    this.service = service;
  }

  ListenAddress serve(Bounds bounds, ServerConfig config, ListenAddress at) {
    server =
        new GrpcServer(
            List.of(service), config, ClientLimits.of(List.of()), bounds.all(), loops, handlers);
    return server.listen(at);
  }

  /** Gives the port on loopback. */
  int serve(Bounds bounds, ServerConfig config) {
    var at = serve(bounds, config, new ListenAddress.Tcp("127.0.0.1", 0));
    return ((ListenAddress.Tcp) at).port();
  }

  int serve(Bounds bounds) {
    return serve(bounds, ServerConfig.NONE);
  }

  /** Stops serving. */
  void end() {
    if (server != null) {
      server.close();
    }
  }

  /** A client with a connection of its own. */
  ManagedChannel channel(int port) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
            .channelType(NioSocketChannel.class)
            .eventLoopGroup(loop)
            .usePlaintext()
            .build();
    channels.add(channel);
    return channel;
  }

  /** Somebody who says bytes of its own. */
  Socket connect(int port, byte[] said) throws IOException {
    var socket = new Socket(InetAddress.getLoopbackAddress(), port);
    sockets.add(socket);
    socket.setSoTimeout(20);
    socket.getOutputStream().write(said);
    return socket;
  }

  /** What comes until the end; with each look one more byte is said, unless it is negative. */
  static byte[] heard(Socket socket, int more) throws IOException {
    var heard = new ByteArrayOutputStream();
    while (true) {
      try {
        int next = socket.getInputStream().read();
        if (next < 0) {
          return heard.toByteArray();
        }
        heard.write(next);
      } catch (SocketTimeoutException e) {
        if (more >= 0) {
          say(socket, more);
        }
      } catch (SocketException reset) {
        return heard.toByteArray();
      }
    }
  }

  static void say(Socket socket, int more) {
    try {
      socket.getOutputStream().write(more);
    } catch (IOException e) {
      // It is closed, which the next read sees.
    }
  }

  @Override
  public void close() throws IOException {
    channels.forEach(ManagedChannel::shutdownNow);
    for (Socket socket : sockets) {
      socket.close();
    }
    end();
    loops.close();
    handlers.shutdownNow();
    loop.shutdownGracefully(0, 0, TimeUnit.MILLISECONDS).awaitUninterruptibly();
  }
}
