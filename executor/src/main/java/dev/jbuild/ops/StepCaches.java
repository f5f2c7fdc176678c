package dev.jbuild.ops;

import dev.jbuild.cachemount.CacheKey;
import dev.jbuild.cachemount.CacheMounts.Filling;
import dev.jbuild.cachemount.CacheMounts.Lease;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.filetree.ContentHasher;
import dev.jbuild.llb.MountSpec;
import dev.jbuild.mount.Mount;
import dev.jbuild.oci.Digest;
import dev.jbuild.snapshot.FileNode;
import dev.jbuild.snapshot.FileTree;
import dev.jbuild.snapshot.PathResolver;
import dev.jbuild.snapshot.TreeCopy;
import dev.jbuild.solver.Result;
import dev.jbuild.solver.progress.VertexProgress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The cache directories of one execution. Mounts of one key show one directory. All are taken in
 * the order of their keys, so that two steps never wait for each other. For one thread.
 */
final class StepCaches implements AutoCloseable {
  private static final int DIRECTORY_PERMISSIONS = 0755;

  private final List<Result> inputs;
  private final Worker worker;
  private final Trees trees;
  private final Map<MountSpec, CacheKey> keys = new HashMap<>();
  private final Map<CacheKey, Lease> leases = new TreeMap<>();

  StepCaches(List<Result> inputs, Worker worker, Trees trees) {
    this.inputs = List.copyOf(inputs);
    this.worker = worker;
    this.trees = trees;
  }

  /** What a directory begins with: a part of an input. */
  private record Initial(FileTree tree, FileNode node, Digest digest) {}

  private record Wanted(MountSpec.Sharing sharing, Filling filling) {}

  /** Takes the directories of all cache mounts. */
  void open(List<MountSpec> mounts, VertexProgress progress)
      throws IOException, InterruptedException {
    var wanted = new TreeMap<CacheKey, Wanted>();
    for (MountSpec mount : mounts) {
      if (mount.type() == MountSpec.Type.CACHE) {
        Initial initial = initial(mount);
        var key =
            new CacheKey(StepMounting.cacheId(mount), initial == null ? null : initial.digest());
        keys.put(mount, key);
        wanted.merge(key, new Wanted(sharing(mount), filling(initial)), StepCaches::stricter);
      }
    }
    for (Map.Entry<CacheKey, Wanted> each : wanted.entrySet()) {
      CacheKey key = each.getKey();
      Wanted how = each.getValue();
      String waiting = "waiting for cache mount '" + key.id() + "', which another step has locked";
      leases.put(
          key,
          worker
              .caches()
              .acquire(
                  key, how.sharing(), how.filling(), () -> progress.status(waiting, 0, 0, false)));
    }
  }

  private static Wanted stricter(Wanted one, Wanted two) {
    return one.sharing().compareTo(two.sharing()) >= 0 ? one : two;
  }

  private static MountSpec.Sharing sharing(MountSpec mount) {
    return mount.options() instanceof MountSpec.Cache cache
        ? cache.sharing()
        : MountSpec.Sharing.SHARED;
  }

  private @Nullable Initial initial(MountSpec mount) throws IOException, InterruptedException {
    if (mount.input() < 0) {
      return null;
    }
    FileTree tree = trees.tree(inputs.get(Math.toIntExact(mount.input())));
    FileNode node = new PathResolver(tree).find(mount.selector());
    if (node == null || !node.isDirectory()) {
      throw new BuildException(
          node == null ? Code.NOT_FOUND : Code.INVALID,
          "cache mount at "
              + mount.dest()
              + ": its source '"
              + mount.selector()
              + (node == null ? "' is not there" : "' is not a directory"));
    }
    return new Initial(tree, node, new ContentHasher(tree).of(mount.selector()));
  }

  private Filling filling(@Nullable Initial initial) {
    if (initial == null) {
      return this::makeEmpty;
    }
    return directory ->
        new TreeCopy(initial.tree(), worker.kernel()).copy(initial.node(), directory);
  }

  private void makeEmpty(Path directory) throws IOException {
    Files.createDirectory(directory);
    worker.kernel().changeMode(directory, DIRECTORY_PERMISSIONS);
  }

  Mount mount(MountSpec mount) {
    CacheKey key = keys.get(mount);
    Lease lease = key == null ? null : leases.get(key);
    if (lease == null) {
      throw new IllegalStateException("cache mount at " + mount.dest() + " was not opened");
    }
    return Mount.bind(lease.directory().toString(), mount.readonly());
  }

  @Override
  public void close() {
    leases.values().forEach(Lease::close);
    leases.clear();
  }
}
