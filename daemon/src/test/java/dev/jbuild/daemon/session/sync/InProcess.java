package dev.jbuild.daemon.session.sync;

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
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Clients' services, called in this process. */
final class InProcess implements AutoCloseable {
  private static final Context.Key<Metadata> HEADERS = Context.key("headers");

  private final ExecutorService handlers = Executors.newVirtualThreadPerTaskExecutor();
  private final List<Server> servers = new ArrayList<>();
  private final List<ManagedChannel> channels = new ArrayList<>();

  /** Of the call whose handler runs. */
  static Metadata headers() {
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

  /** A way to a service. */
  Channel to(BindableService service) throws IOException {
    String name = UUID.randomUUID().toString();
    servers.add(
        InProcessServerBuilder.forName(name)
            .executor(handlers)
            .addService(service)
            .intercept(new Keep())
            .build()
            .start());
    ManagedChannel channel = InProcessChannelBuilder.forName(name).executor(handlers).build();
    channels.add(channel);
    return channel;
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
    servers.forEach(Server::shutdownNow);
    handlers.shutdownNow();
  }
}
