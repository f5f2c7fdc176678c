package dev.jbuild.ops;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.filetree.Accounts;
import dev.jbuild.filetree.CopySource;
import dev.jbuild.filetree.FileActions;
import dev.jbuild.filetree.Ids;
import dev.jbuild.llb.FileAction;
import dev.jbuild.snapshot.FileTree;
import dev.jbuild.snapshot.Snapshot;
import dev.jbuild.snapshot.Snapshotter;
import dev.jbuild.solver.Result;
import java.io.IOException;
import java.util.List;

/**
 * Results as files, and as states that can be mounted or built on. Safe for use by several threads.
 */
public final class Trees {
  private static final String IGNORE_HINT = "it may be left out by the ignore file";

  private final Worker worker;

  public Trees(Worker worker) {
    this.worker = worker;
  }

  /** The result's files; its layers are brought first. */
  public FileTree tree(Result result) throws InterruptedException {
    return switch (result) {
      case ContextResult context -> context.lease().tree();
      case SnapshotResult state ->
          Failures.wrap("reading layers", () -> worker.layers().tree(state.snapshot()));
      default -> throw new IllegalStateException("not a result of this worker: " + result);
    };
  }

  /** The result as a state; a received directory is copied into a layer first. */
  public Snapshot snapshot(Result result) throws InterruptedException {
    return switch (result) {
      case ContextResult context ->
          Failures.wrap("copying '" + context.name() + "'", () -> copy(context));
      case SnapshotResult state -> state.snapshot();
      default -> throw new IllegalStateException("not a result of this worker: " + result);
    };
  }

  /** The same with its layers here. */
  Snapshot present(Result result) throws InterruptedException {
    Snapshot snapshot = snapshot(result);
    return Failures.wrap(
        "bringing layers",
        () -> {
          worker.layers().require(snapshot);
          return snapshot;
        });
  }

  /**
   * How a copy names the result in what it says to users.
   *
   * @param step that the result comes from
   */
  CopySource source(Result result, String step) throws InterruptedException {
    FileTree tree = tree(result);
    return switch (result) {
      case ContextResult context ->
          new CopySource(
              tree,
              context.name().equals("context")
                  ? "the build context"
                  : "context '" + context.name() + "'",
              context.excluded() ? IGNORE_HINT : "",
              context.others());
      default -> new CopySource(tree, "'" + step + "'", "");
    };
  }

  private Snapshot copy(ContextResult context) throws IOException, InterruptedException {
    try (Snapshotter.ActiveLayer layer = worker.snapshotter().prepare(Snapshot.SCRATCH)) {
      var base = worker.layers().tree(Snapshot.SCRATCH);
      var actions =
          new FileActions(layer.directory(), base, worker.kernel(), new NoNames(), worker.clock());
      actions.apply(everything(), new CopySource(context.lease().tree(), context.name(), ""));
      actions.finish();
      return worker.committed(Snapshot.SCRATCH, layer.commit());
    }
  }

  private static FileAction.Copy everything() {
    return new FileAction.Copy(
        "/", "/", null, -1, false, true, false, true, false, false, -1, List.of(), List.of(), false,
        "", List.of());
  }

  /** A copy of everything names nobody. */
  private static final class NoNames implements Accounts {
    @Override
    public Ids user(FileAction.ByName name) {
      throw new BuildException(Code.NOT_FOUND, "user '" + name.name() + "' of no image");
    }

    @Override
    public int group(FileAction.ByName name) {
      throw new BuildException(Code.NOT_FOUND, "group '" + name.name() + "' of no image");
    }
  }
}
