package dev.jbuild.ops;

import dev.jbuild.filetree.CopySource;
import dev.jbuild.filetree.FileActions;
import dev.jbuild.filetree.TreeAccounts;
import dev.jbuild.llb.FileAction;
import dev.jbuild.llb.LlbOp;
import dev.jbuild.snapshot.FileTree;
import dev.jbuild.snapshot.Snapshot;
import dev.jbuild.snapshot.Snapshotter.ActiveLayer;
import dev.jbuild.solver.Result;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One execution of a file op. Actions that follow one another write one layer; a result in between
 * that somebody else reads, too, becomes a layer of its own. For one thread.
 */
final class FileRun implements AutoCloseable {
  private final LlbOp.FileOp op;
  private final List<Result> inputs;
  private final List<String> names;
  private final Worker worker;
  private final Trees trees;
  private final List<State> states = new ArrayList<>();
  private final List<State> opened = new ArrayList<>();
  private final Map<Long, FileTree> accounts = new TreeMap<>();
  private final int[] uses;

  /**
   * @param names of the inputs
   */
  FileRun(LlbOp.FileOp op, List<Result> inputs, List<String> names, Worker worker, Trees trees) {
    this.names = names;
    this.op = op;
    this.inputs = List.copyOf(inputs);
    this.worker = worker;
    this.trees = trees;
    this.uses = new int[inputs.size() + op.actions().size()];
  }

  /** What an index stands for: a finished state, or a layer that is still written. */
  private final class State implements AutoCloseable {
    private final Snapshot base;
    private final ActiveLayer layer;
    private final FileActions actions;
    private @Nullable Snapshot finished;

    State(Snapshot base) throws IOException, InterruptedException {
      this.base = base;
      this.layer = worker.snapshotter().prepare(base);
      this.actions =
          new FileActions(
              layer.directory(),
              worker.layers().tree(base),
              worker.kernel(),
              new TreeAccounts(FileRun.this::tree),
              worker.clock());
      opened.add(this);
    }

    Snapshot finish() throws IOException {
      if (finished == null) {
        actions.finish();
        finished = worker.committed(base, layer.commit());
      }
      return finished;
    }

    @Override
    public void close() throws IOException {
      layer.close();
    }
  }

  List<Result> run() throws IOException, InterruptedException {
    countUses();
    var outputs = new TreeMap<Long, Result>();
    for (FileAction action : op.actions()) {
      State state = base(action.input());
      if (action.change() instanceof FileAction.Copy) {
        state.actions.apply(action.change(), source(action.secondaryInput()));
      } else {
        state.actions.apply(action.change(), null);
      }
      states.add(state);
    }
    int index = 0;
    for (FileAction action : op.actions()) {
      if (action.output() >= 0) {
        outputs.put(action.output(), worker.results().of(states.get(index).finish()));
      }
      index++;
    }
    return List.copyOf(outputs.values());
  }

  private void countUses() throws IOException, InterruptedException {
    for (int i = 0; i < op.actions().size(); i++) {
      FileAction action = op.actions().get(i);
      use(action.input());
      use(action.secondaryInput());
      for (FileAction.ByName name : FileStep.names(action.change())) {
        if (name.input() < inputs.size()) {
          accounts.put(name.input(), accountTree(name.input()));
        } else if (name.input() != action.input()) {
          use(name.input());
        }
      }
      if (action.output() >= 0) {
        use(inputs.size() + i);
      }
    }
  }

  private FileTree accountTree(long input) throws IOException, InterruptedException {
    return input < 0
        ? worker.layers().tree(Snapshot.SCRATCH)
        : trees.tree(inputs.get(Math.toIntExact(input)));
  }

  private void use(long index) {
    if (index >= 0) {
      uses[Math.toIntExact(index)]++;
    }
  }

  /** The layer that an action writes: the one its base is still written in, or a new one. */
  private State base(long index) throws IOException, InterruptedException {
    if (index < 0) {
      return new State(Snapshot.SCRATCH);
    }
    int at = Math.toIntExact(index);
    if (at < inputs.size()) {
      return new State(trees.present(inputs.get(at)));
    }
    State before = states.get(at - inputs.size());
    boolean free = uses[at] == 1 && before.finished == null;
    return free ? before : new State(before.finish());
  }

  private CopySource source(long index) throws IOException, InterruptedException {
    if (index < 0) {
      return new CopySource(worker.layers().tree(Snapshot.SCRATCH), "an empty file system", "");
    }
    int at = Math.toIntExact(index);
    if (at < inputs.size()) {
      return trees.source(inputs.get(at), names.get(at));
    }
    Snapshot made = states.get(at - inputs.size()).finish();
    return new CopySource(worker.layers().tree(made), "the files made before", "");
  }

  /** Where names of owners are looked up. */
  private FileTree tree(long index) {
    FileTree input = accounts.get(index);
    if (input != null) {
      return input;
    }
    return states.get(Math.toIntExact(index) - inputs.size()).actions.result();
  }

  @Override
  public void close() throws IOException {
    for (State state : opened) {
      state.close();
    }
  }
}
