package dev.jbuild.daemon.fuzz;

import dev.jbuild.daemon.session.sync.BrokenMessages;
import io.grpc.BindableService;
import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.local.LocalServerChannel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Services of this process, called by HTTP/2. gRPC's transport in memory is not used: there, a
 * message that can not be parsed before the last one leaves a call without an end.
 */
public final class Wire implements AutoCloseable {
  private static final Context.Key<Metadata> HEADERS = Context.key("headers");

  private final ExecutorService handlers = Executors.newVirtualThreadPerTaskExecutor();
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(2, LocalIoHandler.newFactory());
  private final List<Server> servers = new ArrayList<>();
  private final List<ManagedChannel> channels = new ArrayList<>();

  /** Of the call whose handler runs. */
  public static Metadata headers() {
    Metadata headers = HEADERS.get();
    return headers == null ? new Metadata() : headers;
  }

  private static final class Keep implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      return Contexts.interceptCall(
          Context.current().withValue(HEADERS, headers), call, headers, next);
    }
  }

  /** A way to services, served as the real ones are. */
  public Channel to(BindableService... services) throws IOException {
    var address = new LocalAddress(Wire.class);
    var server =
        NettyServerBuilder.forAddress(address)
            .channelType(LocalServerChannel.class)
            .bossEventLoopGroup(loops)
            .workerEventLoopGroup(loops)
            .withChildOption(ChannelOption.SO_KEEPALIVE, null)
            .executor(handlers);
    for (BindableService service : services) {
      server.addService(BrokenMessages.refused(ServerInterceptors.intercept(service, new Keep())));
    }
    servers.add(server.build().start());
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(address)
            .channelType(LocalChannel.class)
            .eventLoopGroup(loops)
            .withOption(ChannelOption.SO_KEEPALIVE, null)
            .overrideAuthority("localhost")
            .usePlaintext()
            .executor(handlers)
            .build();
    channels.add(channel);
    return channel;
  }

  @Override
  @SuppressWarnings("FutureReturnValueIgnored") // nothing waits for the loops' end
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
    servers.forEach(Server::shutdownNow);
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    handlers.shutdownNow();
  }
}
