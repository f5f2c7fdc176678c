package dev.jbuild.cli.client;

import dev.jbuild.cli.build.BuildPlan;
import dev.jbuild.cli.engine.Engine;
import dev.jbuild.cli.progress.BuildEvent;
import dev.jbuild.daemon.EmbeddedDaemon;
import dev.jbuild.daemon.session.SessionRegistry;
import dev.jbuild.oci.Bytes;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The daemon's services in this process, reached like a daemon, with a session beside them. */
final class EmbeddedEngine implements Engine {
  private static final String PLACE = "this process";

  private final EmbeddedDaemon daemon;
  private final Path directory;
  private final Map<String, String> env;
  private volatile String lastRef = "";

  /**
   * @param daemon closed by this
   * @param directory that outputs are relative to
   */
  EmbeddedEngine(EmbeddedDaemon daemon, Path directory, Map<String, String> env) {
    this.daemon = daemon;
    this.directory = directory;
    this.env = env;
  }

  @Override
  public Map<String, String> build(
      BuildPlan plan, OutputStream stdout, Consumer<List<BuildEvent>> events)
      throws InterruptedException {
    String id = Ids.next();
    String ref = Ids.next();
    lastRef = ref;
    SessionRegistry.Registration registration = null;
    try (var outputs = new PlanOutputs(plan.outputs(), directory, stdout)) {
      registration =
          daemon.register(
              ClientSession.of(
                  id, plan, PassingFiles.of(plan, daemon.offer(plan.directories())), outputs, env));
      Map<String, String> response =
          new BuildCall(daemon.channel(), PLACE, events).run(SolveMessage.of(plan, ref, id));
      outputs.commit();
      return response;
    } finally {
      if (registration != null) {
        registration.close();
      }
    }
  }

  @Override
  public Bytes networkReport() {
    return new ReportCall(daemon.channel(), PLACE).network(lastRef);
  }

  @Override
  public List<Kept> usage(List<String> filters) {
    return new StorageCall(daemon.channel(), PLACE).usage(filters);
  }

  @Override
  public List<Kept> prune(Pruning what) {
    return new StorageCall(daemon.channel(), PLACE).prune(what);
  }

  @Override
  public List<StoredImage> images() {
    var images = new ArrayList<StoredImage>();
    for (var row : daemon.images().rows()) {
      images.add(new StoredImage(row.name(), row.id(), row.created(), row.sizeBytes()));
    }
    return images;
  }

  @Override
  public void close() {
    daemon.close();
  }
}
