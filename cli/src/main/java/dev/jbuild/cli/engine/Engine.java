package dev.jbuild.cli.engine;

import dev.jbuild.cli.build.BuildPlan;
import dev.jbuild.cli.progress.BuildEvent;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Bytes;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What the commands ask of a daemon, be it far away or in this process. */
public interface Engine extends AutoCloseable {

  /**
   * Builds, and gives what the exporters answer, by response key.
   *
   * @param stdout takes an output whose destination is standard output
   * @param events called from another thread, one batch at a time
   * @throws dev.jbuild.error.BuildException when the build fails
   * @throws InterruptedException when this thread is interrupted: the build is cancelled
   */
  Map<String, String> build(BuildPlan plan, OutputStream stdout, Consumer<List<BuildEvent>> events)
      throws InterruptedException;

  /**
   * What the steps of this engine's last build did in their networks, also when it failed.
   *
   * @return one JSON object
   * @throws dev.jbuild.error.BuildException UNIMPLEMENTED when the engine is a daemon that does not
   *     know such reports, NOT_FOUND when it has none of that build
   */
  Bytes networkReport() throws InterruptedException;

  /** The images of the store, newest first. */
  List<StoredImage> images() throws InterruptedException;

  /**
   * What the cache holds.
   *
   * @param filters such as {@code type==exec.cachemount}; empty for all
   */
  List<Kept> usage(List<String> filters) throws InterruptedException;

  /** Removes from the cache what nothing uses, and gives what is gone. */
  List<Kept> prune(Pruning what) throws InterruptedException;

  /**
   * What may go.
   *
   * @param all also what a normal prune leaves: what is shared or internal
   * @param unusedFor only what nobody used for so long
   * @param keepBytes so much may stay; 0 for nothing
   */
  record Pruning(List<String> filters, boolean all, Duration unusedFor, long keepBytes) {
    public Pruning {
      filters = List.copyOf(filters);
    }
  }

  /**
   * One thing in the cache.
   *
   * @param type such as {@code regular}, {@code exec.cachemount}
   * @param inUse by a build that runs
   * @param shared with an image of the store
   * @param lastUsed null when nobody did
   */
  record Kept(
      String id,
      String type,
      String description,
      long sizeBytes,
      boolean inUse,
      boolean shared,
      Instant created,
      @Nullable Instant lastUsed) {}

  /**
   * The workers of a daemon.
   *
   * @throws dev.jbuild.error.BuildException UNIMPLEMENTED when the engine is in this process
   */
  default List<Worker> workers() {
    throw new BuildException(
        Code.UNIMPLEMENTED, "there is no daemon to ask: name one with --addr or $BUILDKIT_HOST");
  }

  /** Ends the connection; in this process: waits until nothing of the engine is left. */
  @Override
  void close();

  /**
   * A worker of a daemon.
   *
   * @param platforms its own first, such as {@code linux/amd64}
   */
  record Worker(String id, List<String> platforms, Map<String, String> labels) {
    public Worker {
      platforms = List.copyOf(platforms);
      labels = Map.copyOf(labels);
    }
  }

  /**
   * A row of {@code jbuild images}.
   *
   * @param name with tag, as given with {@code -t}
   * @param id digest of the config, {@code sha256:...}
   * @param sizeBytes of all its layers and its config, as stored
   */
  record StoredImage(String name, String id, Instant created, long sizeBytes) {}
}
