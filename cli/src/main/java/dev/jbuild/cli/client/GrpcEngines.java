package dev.jbuild.cli.client;

import dev.jbuild.cli.engine.Engine;
import dev.jbuild.cli.engine.Engines;
import dev.jbuild.cli.history.History;
import dev.jbuild.daemon.EmbeddedDaemon;
import dev.jbuild.daemon.EmbeddedHistory;
import dev.jbuild.daemon.EngineWiring;
import dev.jbuild.daemon.config.DaemonFlags;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;

/** Engines over gRPC: a daemon's, or the one in this process. */
public final class GrpcEngines implements Engines {
  private final Path directory;
  private final Map<String, String> env;
  private final Consumer<String> notices;

  /**
   * @param directory that outputs are relative to
   * @param notices shown to the user while something is waited for
   */
  public GrpcEngines(Path directory, Map<String, String> env, Consumer<String> notices) {
    this.directory = directory;
    this.env = Map.copyOf(env);
    this.notices = notices;
  }

  @Override
  public History history(Choice choice) {
    return switch (choice) {
      case Daemon daemon -> {
        RemoteEngine remote = RemoteEngine.at(daemon, directory, env);
        yield new GrpcHistory(remote.channel(), daemon.address(), remote::close);
      }
      case InProcess here -> {
        EmbeddedHistory embedded = EmbeddedHistory.open(here.root());
        yield new GrpcHistory(embedded.channel(), here.root().toString(), embedded::close);
      }
    };
  }

  @Override
  public Engine open(Choice choice) throws InterruptedException {
    return switch (choice) {
      case Daemon daemon -> RemoteEngine.at(daemon, directory, env);
      case InProcess here -> {
        var parsed = DaemonFlags.fileOrDefaults(here.config());
        parsed.warnings().forEach(warning -> notices.accept("warning: " + warning));
        var config = parsed.config().inProcess(here.root(), here.grants());
        yield new EmbeddedEngine(
            EmbeddedDaemon.start(config, new EngineWiring(), notices), directory, env);
      }
    };
  }
}
