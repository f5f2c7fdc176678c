package dev.jbuild.ops;

import dev.jbuild.filetree.ContentHasher;
import dev.jbuild.llb.FileAction;
import dev.jbuild.llb.LlbOp;
import dev.jbuild.solver.CacheMap;
import dev.jbuild.solver.CacheMap.InputKey;
import dev.jbuild.solver.Op;
import dev.jbuild.solver.OpContext;
import dev.jbuild.solver.Result;
import java.util.ArrayList;
import java.util.List;

/** Changes files without a process. An input that is only copied from counts by what is copied. */
final class FileStep implements Op {
  private final LlbOp.FileOp op;
  private final List<String> inputs;
  private final Worker worker;
  private final Trees trees;

  /**
   * @param inputs names of the steps that they come from
   */
  FileStep(LlbOp.FileOp op, List<String> inputs, Worker worker, Trees trees) {
    this.op = op;
    this.inputs = List.copyOf(inputs);
    this.worker = worker;
    this.trees = trees;
  }

  @Override
  public CacheMap cacheMap(OpContext context) {
    var keys = new ArrayList<InputKey>();
    for (int i = 0; i < inputs.size(); i++) {
      keys.add(key(i));
    }
    return new CacheMap(FileKey.of(op), keys, true);
  }

  private InputKey key(int input) {
    var copies = new ArrayList<FileAction.Copy>();
    for (FileAction action : op.actions()) {
      if (action.input() == input || namesOwner(action.change(), input)) {
        return InputKey.WHOLE;
      }
      if (action.secondaryInput() == input && action.change() instanceof FileAction.Copy copy) {
        copies.add(copy);
      }
    }
    if (copies.isEmpty()) {
      return InputKey.WHOLE;
    }
    var selector = new KeyHash("copies");
    copies.forEach(copy -> FileKey.copy(selector, copy));
    return new InputKey(
        selector.digest().hex(),
        result ->
            Failures.wrap(
                "hashing files",
                () -> {
                  var hash = new KeyHash("copied");
                  for (FileAction.Copy copy : copies) {
                    hash.text(new ContentHasher(trees.tree(result)).of(copy).hex());
                  }
                  return hash.digest();
                }));
  }

  /** Names of owners are looked up in an input's files, which then count as a whole. */
  private static boolean namesOwner(FileAction.Change change, int input) {
    return names(change).stream().anyMatch(name -> name.input() == input);
  }

  /** The names that owners are given by. */
  static List<FileAction.ByName> names(FileAction.Change change) {
    FileAction.Owner owner =
        switch (change) {
          case FileAction.Copy copy -> copy.owner();
          case FileAction.MakeFile file -> file.owner();
          case FileAction.MakeDirectory directory -> directory.owner();
          case FileAction.Symlink link -> link.owner();
          case FileAction.Remove remove -> null;
        };
    var names = new ArrayList<FileAction.ByName>();
    if (owner != null && owner.user() instanceof FileAction.ByName user) {
      names.add(user);
    }
    if (owner != null && owner.group() instanceof FileAction.ByName group) {
      names.add(group);
    }
    return names;
  }

  @Override
  public List<Result> execute(OpContext context, List<Result> results) throws InterruptedException {
    return Failures.wrap(
        "changing files",
        () -> {
          try (var run = new FileRun(op, results, inputs, worker, trees)) {
            return run.run();
          }
        });
  }
}
