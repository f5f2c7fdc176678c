package dev.jbuild.ops;

import dev.jbuild.filetree.TreeComparison;
import dev.jbuild.llb.LlbOp;
import dev.jbuild.oci.Digest;
import dev.jbuild.snapshot.LayerId;
import dev.jbuild.snapshot.MergedTree;
import dev.jbuild.snapshot.Snapshot;
import dev.jbuild.snapshot.Snapshotter;
import dev.jbuild.solver.CacheMap;
import dev.jbuild.solver.CacheMap.InputKey;
import dev.jbuild.solver.Op;
import dev.jbuild.solver.OpContext;
import dev.jbuild.solver.Result;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;

/** Arranges layers without touching a file: merge, diff and passthrough. */
final class StackStep implements Op {
  private final LlbOp op;
  private final int inputs;
  private final Worker worker;
  private final Trees trees;

  StackStep(LlbOp op, int inputs, Worker worker, Trees trees) {
    this.op = op;
    this.inputs = inputs;
    this.worker = worker;
    this.trees = trees;
  }

  @Override
  public CacheMap cacheMap(OpContext context) {
    return new CacheMap(key(), Collections.nCopies(inputs, InputKey.WHOLE), true);
  }

  private Digest key() {
    var key = new KeyHash("jbuild.stack.v1");
    return switch (op) {
      case LlbOp.MergeOp merge -> numbers(key.text("merge"), merge.inputs());
      case LlbOp.DiffOp diff -> key.text("diff").number(diff.lower()).number(diff.upper()).digest();
      case LlbOp.PassthroughOp pass -> numbers(key.text("pass").text(pass.id()), pass.outputs());
      case LlbOp.SourceOp s -> throw unknown();
      case LlbOp.ExecOp e -> throw unknown();
      case LlbOp.FileOp f -> throw unknown();
      case LlbOp.BuildOp b -> throw unknown();
    };
  }

  private static Digest numbers(KeyHash key, List<Long> numbers) {
    key.number(numbers.size());
    numbers.forEach(key::number);
    return key.digest();
  }

  private IllegalStateException unknown() {
    return new IllegalStateException("'" + op.describe() + "' does not arrange layers");
  }

  @Override
  public List<Result> execute(OpContext context, List<Result> inputs) throws InterruptedException {
    return switch (op) {
      case LlbOp.MergeOp merge -> List.of(worker.results().of(merge(merge, inputs)));
      case LlbOp.DiffOp diff -> List.of(worker.results().of(diff(diff, inputs)));
      case LlbOp.PassthroughOp pass ->
          pass.outputs().stream().map(output -> inputs.get(Math.toIntExact(output))).toList();
      case LlbOp.SourceOp s -> throw unknown();
      case LlbOp.ExecOp e -> throw unknown();
      case LlbOp.FileOp f -> throw unknown();
      case LlbOp.BuildOp b -> throw unknown();
    };
  }

  /** Layers in order; of one that comes twice the later place counts, as it covers the earlier. */
  private Snapshot merge(LlbOp.MergeOp merge, List<Result> inputs) throws InterruptedException {
    var all = new ArrayList<LayerId>();
    for (long input : merge.inputs()) {
      if (input >= 0) {
        all.addAll(trees.snapshot(inputs.get(Math.toIntExact(input))).layers());
      }
    }
    var unique = new LinkedHashSet<>(all.reversed());
    return new Snapshot(List.copyOf(unique).reversed());
  }

  private Snapshot diff(LlbOp.DiffOp diff, List<Result> inputs) throws InterruptedException {
    Snapshot lower = state(diff.lower(), inputs);
    Snapshot upper = state(diff.upper(), inputs);
    int below = lower.layers().size();
    if (upper.layers().size() < below || !upper.layers().subList(0, below).equals(lower.layers())) {
      return Failures.wrap("comparing file systems", () -> compared(lower, upper));
    }
    return new Snapshot(upper.layers().subList(below, upper.layers().size()));
  }

  /** One layer that makes the upper state of the lower one, which do not share their layers. */
  private Snapshot compared(Snapshot lower, Snapshot upper)
      throws IOException, InterruptedException {
    MergedTree before = worker.layers().tree(lower);
    MergedTree after = worker.layers().tree(upper);
    try (Snapshotter.ActiveLayer layer = worker.snapshotter().prepare(Snapshot.SCRATCH)) {
      new TreeComparison(before, after, worker.kernel()).write(layer.directory());
      return worker.committed(Snapshot.SCRATCH, layer.commit());
    }
  }

  private Snapshot state(long input, List<Result> inputs) throws InterruptedException {
    return input < 0 ? Snapshot.SCRATCH : trees.snapshot(inputs.get(Math.toIntExact(input)));
  }

  @Override
  public boolean heavy() {
    return false;
  }
}
