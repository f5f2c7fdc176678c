package dev.jbuild.ops;

import dev.jbuild.ignore.SlashPath;
import dev.jbuild.llb.LlbOp;
import dev.jbuild.llb.MountSpec;
import dev.jbuild.mount.Mount;
import dev.jbuild.process.ProcessRequest.SandboxMount;
import dev.jbuild.snapshot.Snapshot;
import dev.jbuild.snapshot.Snapshotter.ActiveLayer;
import dev.jbuild.snapshot.Snapshotter.View;
import dev.jbuild.solver.Result;
import dev.jbuild.solver.llb.OpOutputs;
import dev.jbuild.solver.progress.VertexProgress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The mounts of one execution: layers are begun for what is written, views opened for what is read,
 * and closed on every path. For one thread.
 */
final class StepMounting implements AutoCloseable {
  private final LlbOp.ExecOp op;
  private final List<Result> inputs;
  private final Worker worker;
  private final Trees trees;
  private final Map<MountSpec, ActiveLayer> layers = new HashMap<>();
  private final StepCaches caches;
  private final List<View> views = new ArrayList<>();
  private final List<SandboxMount> others = new ArrayList<>();
  private final Map<MountSpec, SandboxMount> shown = new HashMap<>();
  private List<Mount> root = List.of();
  private boolean rootReadonly;

  StepMounting(LlbOp.ExecOp op, List<Result> inputs, Worker worker, Trees trees) {
    this.op = op;
    this.inputs = List.copyOf(inputs);
    this.worker = worker;
    this.trees = trees;
    this.caches = new StepCaches(inputs, worker, trees);
  }

  /** The id of a cache mount; old clients give none and mean the place. */
  static String cacheId(MountSpec mount) {
    return mount.options() instanceof MountSpec.Cache cache && !cache.id().isEmpty()
        ? cache.id()
        : mount.dest();
  }

  /** What makes up {@code /}. */
  List<Mount> root() {
    return root;
  }

  boolean rootReadonly() {
    return rootReadonly;
  }

  /** Parents before children. */
  List<SandboxMount> others() {
    return others;
  }

  /** A mount as the sandbox has it; null when it is one file, which is not mounted here. */
  @Nullable SandboxMount tree(MountSpec mount) {
    return shown.get(mount);
  }

  void open(VertexProgress progress) throws IOException, InterruptedException {
    for (MountSpec mount : op.mounts()) {
      if (mount.dest().equals("/")) {
        root = layer(mount).mounts();
        shown.put(mount, new SandboxMount(root.getFirst(), "", "/"));
        rootReadonly = mount.readonly();
      }
    }
    caches.open(op.mounts(), progress);
    var rest = new ArrayList<>(op.mounts());
    rest.removeIf(mount -> mount.dest().equals("/"));
    rest.sort(Comparator.comparing(this::destination));
    for (MountSpec mount : rest) {
      switch (mount.type()) {
        case BIND -> bind(mount);
        case TMPFS -> show(mount, tmpfs(mount), "");
        case CACHE -> show(mount, caches.mount(mount), "");
        case SECRET, SSH -> {} // see StepSecrets
      }
    }
  }

  private void bind(MountSpec mount) throws IOException, InterruptedException {
    List<Mount> mounts;
    if (mount.readonly()) {
      View view = worker.snapshotter().view(input(mount));
      views.add(view);
      mounts = view.mounts();
    } else {
      mounts = layer(mount).mounts();
    }
    for (Mount each : mounts) {
      show(mount, each, mount.selector());
    }
  }

  private void show(MountSpec mount, Mount tree, String selector) {
    var seen = new SandboxMount(tree, selector, destination(mount));
    shown.put(mount, seen);
    others.add(seen);
  }

  private ActiveLayer layer(MountSpec mount) throws IOException, InterruptedException {
    ActiveLayer layer = worker.snapshotter().prepare(input(mount));
    layers.put(mount, layer);
    return layer;
  }

  private Snapshot input(MountSpec mount) throws InterruptedException {
    return mount.input() < 0
        ? Snapshot.SCRATCH
        : trees.present(inputs.get(Math.toIntExact(mount.input())));
  }

  private static Mount tmpfs(MountSpec mount) {
    long size = mount.options() instanceof MountSpec.Tmpfs tmpfs ? tmpfs.sizeBytes() : 0;
    var options = new ArrayList<>(List.of("nosuid", "nodev", "mode=1777"));
    if (size > 0) {
      options.add("size=" + size);
    }
    return new Mount("tmpfs", "tmpfs", options);
  }

  /** Where it goes; a relative path starts at the working directory. */
  private String destination(MountSpec mount) {
    String cwd = op.meta().cwd().isEmpty() ? "/" : op.meta().cwd();
    return SlashPath.resolve(cwd, mount.dest());
  }

  /** One result for each mount that has an output, in the order of the mounts. */
  List<Result> commit() throws IOException, InterruptedException {
    var outputs = new ArrayList<Result>();
    for (MountSpec mount : OpOutputs.mounts(op)) {
      outputs.add(output(mount, layers.get(mount)));
    }
    return outputs;
  }

  /** Hands over what was written; closing drops it no more. Nothing may run any more. */
  FailedMounts leave() throws InterruptedException {
    var written = new ArrayList<FailedMounts.@Nullable Written>();
    for (MountSpec mount : op.mounts()) {
      ActiveLayer layer = layers.remove(mount);
      written.add(layer == null ? null : new FailedMounts.Written(input(mount), layer));
    }
    return new FailedMounts(worker, written);
  }

  private Result output(MountSpec mount, @Nullable ActiveLayer layer)
      throws IOException, InterruptedException {
    Snapshot input = input(mount);
    if (layer == null) {
      return worker.results().of(input);
    }
    return worker.results().of(worker.committed(input, layer.commit()));
  }

  @Override
  public void close() throws IOException {
    caches.close();
    for (ActiveLayer layer : layers.values()) {
      layer.close();
    }
    for (View view : views) {
      view.close();
    }
  }
}
