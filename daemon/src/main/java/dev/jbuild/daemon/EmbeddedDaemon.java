package dev.jbuild.daemon;

import dev.jbuild.daemon.api.ApiServices;
import dev.jbuild.daemon.build.ImageList;
import dev.jbuild.daemon.config.DaemonConfig;
import dev.jbuild.daemon.session.SessionRegistry;
import dev.jbuild.session.FileSync;
import dev.jbuild.session.Session;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/**
 * The daemon's services in the client's process: the same code behind the same API, over gRPC's
 * in-process transport.
 */
public final class EmbeddedDaemon implements AutoCloseable {
  private static final Duration LOCK_LIMIT = Duration.ofMinutes(10);

  private final StateLock lock;
  private final Services services;
  private final ExecutorService handlers;
  private final Server server;
  private final ManagedChannel channel;

  private EmbeddedDaemon(
      StateLock lock,
      Services services,
      ExecutorService handlers,
      Server server,
      ManagedChannel channel) {
    this.lock = lock;
    this.services = services;
    this.handlers = handlers;
    this.server = server;
    this.channel = channel;
  }

  /**
   * Starts the services; the caller closes them.
   *
   * @param notice told when another process has to be waited for
   * @throws dev.jbuild.error.BuildException UNAVAILABLE when the state directory is in use
   */
  public static EmbeddedDaemon start(
      DaemonConfig config, Wiring.EngineMaker maker, Consumer<String> notice)
      throws InterruptedException {
    StateLock lock = StateLock.inProcess(config.root(), LOCK_LIMIT, notice);
    try {
      Services services = Wiring.open(config, maker);
      ExecutorService handlers = Executors.newVirtualThreadPerTaskExecutor();
      String name = "jbuild-" + System.nanoTime();
      var builder =
          InProcessServerBuilder.forName(name)
              .executor(handlers)
              .maxInboundMetadataSize(ApiServices.METADATA_BYTES);
      services.api().definitions().forEach(builder::addService);
      Server server = builder.build().start();
      ManagedChannel channel =
          InProcessChannelBuilder.forName(name)
              .executor(handlers)
              .maxInboundMetadataSize(ApiServices.METADATA_BYTES)
              .build();
      return new EmbeddedDaemon(lock, services, handlers, server, channel);
    } catch (IOException e) {
      lock.close();
      throw new UncheckedIOException(e);
    } catch (InterruptedException | RuntimeException failure) {
      lock.close();
      throw failure;
    }
  }

  /** To the services. */
  public Channel channel() {
    return channel;
  }

  /** Offers the client's files and outputs to builds that name the session. */
  public SessionRegistry.Registration register(Session session) {
    return services.sessions().register(session);
  }

  /** Files of this machine, to be served by a session. */
  public FileSync offer(Map<String, Path> directories) {
    return services.directories().offer(directories);
  }

  public ImageList images() {
    return services.images();
  }

  /** Cancels what still runs and waits until nothing of it is left. */
  @Override
  public void close() {
    try (lock) {
      services.close();
      channel.shutdownNow();
      server.shutdownNow();
      handlers.shutdownNow();
    }
  }
}
