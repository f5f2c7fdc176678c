package dev.jbuild.daemon;

import dev.jbuild.content.LayoutContentStore;
import dev.jbuild.daemon.api.HistoryServices;
import dev.jbuild.daemon.history.BuildHistory;
import dev.jbuild.daemon.history.HistoryLimits;
import dev.jbuild.daemon.history.RecordedBlobs;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The history of a state directory in the client's process, without an engine and without the
 * directory's lock: records are whole files, so a daemon may work on the same directory.
 */
public final class EmbeddedHistory implements AutoCloseable {
  private final BuildHistory history;
  private final ExecutorService handlers;
  private final Server server;
  private final ManagedChannel channel;

  private EmbeddedHistory(
      BuildHistory history, ExecutorService handlers, Server server, ManagedChannel channel) {
    this.history = history;
    this.handlers = handlers;
    this.server = server;
    this.channel = channel;
  }

  /** Opens a history; the caller closes it. A state directory that is not there has none. */
  public static EmbeddedHistory open(Path root) {
    Clock clock = Clock.systemUTC();
    BuildHistory history = Wiring.history(root, HistoryLimits.DEFAULT, clock);
    var blobs = new RecordedBlobs(history, new LayoutContentStore(root));
    var services = new HistoryServices(history, blobs, clock, Thread.ofVirtual().factory());
    ExecutorService handlers = Executors.newVirtualThreadPerTaskExecutor();
    String name = "jbuild-history-" + System.nanoTime();
    var builder = InProcessServerBuilder.forName(name).executor(handlers);
    services.definitions().forEach(builder::addService);
    try {
      Server server = builder.build().start();
      ManagedChannel channel = InProcessChannelBuilder.forName(name).executor(handlers).build();
      return new EmbeddedHistory(history, handlers, server, channel);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** To the services. */
  public Channel channel() {
    return channel;
  }

  @Override
  public void close() {
    channel.shutdownNow();
    server.shutdownNow();
    handlers.shutdownNow();
    history.close();
  }
}
