package dev.jbuild.cli.client;

import dev.jbuild.cli.build.OutputSpec;
import dev.jbuild.daemon.session.SessionHeaders;
import dev.jbuild.daemon.session.store.StoreService;
import dev.jbuild.daemon.session.sync.BrokenMessages;
import dev.jbuild.daemon.session.sync.FileSendService;
import dev.jbuild.daemon.session.sync.FileSyncService;
import dev.jbuild.daemon.session.tunnel.ServingTunnel;
import dev.jbuild.daemon.session.tunnel.SessionMethod;
import dev.jbuild.daemon.session.tunnel.TunnelLoops;
import dev.jbuild.linux.Kernel;
import dev.jbuild.session.Session;
import dev.jbuild.session.direct.DirectoryLayouts;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;

/** Serves a session to a daemon through a tunnel, until it is closed. */
final class SessionServer implements AutoCloseable {
  private static final Context.Key<Metadata> HEADERS = Context.key("session-headers");

  private final ExecutorService handlers = Executors.newVirtualThreadPerTaskExecutor();
  private final ServingTunnel tunnel;
  private final String id;

  /**
   * What is served beside the session.
   *
   * @param outputs in the order of the exporters' indexes
   * @param layouts that are read
   * @param exports layouts that outputs are
   */
  record Offers(List<OutputSpec> outputs, DirectoryLayouts layouts, StoreService.Exports exports) {
    Offers {
      outputs = List.copyOf(outputs);
    }

    private boolean storesAny() {
      return !layouts.directories().isEmpty() || outputs.stream().anyMatch(OutputSpec::layout);
    }
  }

  /** Opens the session. */
  SessionServer(
      Channel daemon,
      TunnelLoops loops,
      Session session,
      String sharedKey,
      Offers offers,
      Kernel kernel)
      throws IOException {
    id = session.id();
    ThreadFactory threads = Thread.ofVirtual().name("session-", 0).factory();
    List<OutputSpec> outputs = offers.outputs();
    var services = new ArrayList<ServerServiceDefinition>();
    services.add(new HealthStatusManager().getHealthService().bindService());
    services.add(
        new FileSyncService(session.files(), SessionServer::headers, threads).bindService());
    services.add(
        new FileSendService(
                session.outputs(),
                index -> index < outputs.size() && outputs.get(index).type().equals("local"),
                kernel,
                SessionServer::headers,
                threads)
            .bindService());
    if (offers.storesAny()) {
      services.add(
          new StoreService(offers.layouts(), offers.exports(), SessionServer::headers, threads)
              .bindService());
    }
    services.add(new AuthService(session.credentials()).bindService());
    services.add(new SecretsService(session.secrets()).bindService());
    services.add(new AgentService(session.agents(), SessionServer::headers, threads).bindService());
    var methods = new TreeSet<String>();
    for (ServerServiceDefinition service : services) {
      for (ServerMethodDefinition<?, ?> method : service.getMethods()) {
        methods.add("/" + method.getMethodDescriptor().getFullMethodName());
      }
    }
    services.replaceAll(
        service ->
            BrokenMessages.refused(
                ServerInterceptors.intercept(service, new HeadersInterceptor())));
    Metadata headers = new SessionHeaders(session.id(), sharedKey, methods).write();
    tunnel =
        ServingTunnel.open(
            services,
            stream ->
                SessionMethod.open(
                    ClientInterceptors.intercept(
                        daemon, MetadataUtils.newAttachHeadersInterceptor(headers)),
                    stream),
            loops,
            handlers);
  }

  /** Of the session. */
  String id() {
    return id;
  }

  private static Metadata headers() {
    Metadata headers = HEADERS.get();
    return headers == null ? new Metadata() : headers;
  }

  private static final class HeadersInterceptor implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      return Contexts.interceptCall(
          Context.current().withValue(HEADERS, headers), call, headers, next);
    }
  }

  @Override
  public void close() {
    tunnel.close();
    handlers.shutdownNow();
  }
}
