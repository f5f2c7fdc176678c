package dev.jbuild.cli.engine;

import dev.jbuild.cli.history.History;
import java.nio.file.Path;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/** Finds the engine that a command talks to. Nothing heavy is loaded before it is asked. */
public interface Engines {

  /**
   * Connects; the caller closes the engine.
   *
   * @throws dev.jbuild.error.BuildException UNAVAILABLE when there is none
   */
  Engine open(Choice choice) throws InterruptedException;

  /**
   * Connects to the history of a daemon or of a state directory, for which no engine is started;
   * the caller closes it.
   */
  History history(Choice choice);

  /** Where the engine is. */
  sealed interface Choice {}

  /**
   * A daemon.
   *
   * @param address {@code unix:///path} or {@code tcp://host:port}
   * @param tls for TCP, null for none
   */
  record Daemon(String address, @Nullable TlsOptions tls) implements Choice {}

  /**
   * The engine in this process.
   *
   * @param root the state directory
   * @param config the configuration file, null for the default one if it exists
   * @param grants entitlements that the operator, who is the caller, gives on the daemon's side
   */
  record InProcess(Path root, @Nullable Path config, SortedSet<String> grants) implements Choice {}
}
