package dev.jbuild.layer;

import dev.jbuild.content.ContentStore;
import dev.jbuild.content.DiskFull;
import dev.jbuild.diff.ImplicitDirectories;
import dev.jbuild.diff.LayerApplier;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.linux.Kernel;
import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.Digest;
import dev.jbuild.snapshot.LayerCatalog;
import dev.jbuild.snapshot.LayerFetcher;
import dev.jbuild.snapshot.LayerId;
import dev.jbuild.snapshot.Snapshot;
import dev.jbuild.snapshot.Snapshotter;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.channels.Channels;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Brings the directories of lazy layers: the blobs are pulled and unpacked side by side, each layer
 * is committed after the one below it. A layer is unpacked once, however many ask. Safe for use by
 * several threads.
 */
public final class LayerUnpacker {
  private final Snapshotter snapshotter;
  private final ContentStore content;
  private final LayerFetcher fetcher;
  private final LayerApplier applier;
  private final Kernel kernel;
  private final ThreadFactory threads;
  private final ConcurrentHashMap<LayerId, ReentrantLock> busy = new ConcurrentHashMap<>();

  /**
   * @param threads cheap ones: one for each layer that is brought
   */
  public LayerUnpacker(
      Snapshotter snapshotter,
      ContentStore content,
      LayerFetcher fetcher,
      LayerApplier applier,
      Kernel kernel,
      ThreadFactory threads) {
    this.snapshotter = snapshotter;
    this.content = content;
    this.fetcher = fetcher;
    this.applier = applier;
    this.kernel = kernel;
    this.threads = threads;
  }

  private record Unpacked(Snapshotter.ActiveLayer layer, LayerApplier.Applied applied) {}

  void require(Snapshot snapshot, LayerStore store) throws IOException, InterruptedException {
    if (snapshot.layers().stream().allMatch(snapshotter::exists)) {
      return;
    }
    Deque<ReentrantLock> held = new ArrayDeque<>();
    try {
      var missing = new ArrayList<LayerId>();
      for (LayerId layer : snapshot.layers()) { // all take the locks from the bottom up
        if (!snapshotter.exists(layer)) {
          ReentrantLock lock = busy.computeIfAbsent(layer, id -> new ReentrantLock());
          lock.lockInterruptibly();
          held.push(lock);
          if (!snapshotter.exists(layer)) {
            missing.add(layer);
          }
        }
      }
      unpack(snapshot, missing, store);
      missing.forEach(busy::remove);
    } finally {
      held.forEach(ReentrantLock::unlock);
    }
  }

  private void unpack(Snapshot snapshot, List<LayerId> missing, LayerStore store)
      throws IOException, InterruptedException {
    var tasks = new ArrayList<Task>();
    try {
      for (LayerId layer : missing) {
        LayerCatalog.Facts facts =
            store
                .facts(layer)
                .orElseThrow(
                    () ->
                        new BuildException(
                            Code.NOT_FOUND,
                            "layer " + layer + " is gone from the store: build again"));
        tasks.add(new Task(facts));
      }
      tasks.forEach(task -> task.thread.start());
      for (int i = 0; i < tasks.size(); i++) {
        Unpacked unpacked = tasks.get(i).await();
        commit(snapshot, missing.get(i), unpacked.layer(), unpacked, store);
      }
    } finally {
      for (Task task : tasks) {
        task.end();
      }
    }
  }

  /** One layer being unpacked in a thread of its own. */
  private final class Task {
    private final Thread thread;
    private @Nullable Unpacked unpacked;
    private @Nullable Exception failure;

    Task(LayerCatalog.Facts facts) {
      this.thread = threads.newThread(() -> run(facts));
    }

    private void run(LayerCatalog.Facts facts) {
      try {
        unpacked = unpack(facts);
      } catch (IOException | InterruptedException | RuntimeException e) {
        failure = e;
      }
    }

    Unpacked await() throws IOException, InterruptedException {
      thread.join();
      if (failure instanceof IOException e) {
        throw e;
      }
      if (failure instanceof InterruptedException e) {
        throw e;
      }
      if (failure instanceof RuntimeException e) {
        throw e;
      }
      if (unpacked == null) {
        throw new IllegalStateException("unpacking a layer ended with an error", failure);
      }
      return unpacked;
    }

    /** Stops it if it still runs, waits until it has ended, and drops what was not committed. */
    void end() throws IOException {
      thread.interrupt();
      boolean interrupted = false;
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      if (unpacked != null) {
        unpacked.layer().close();
      }
    }
  }

  private void commit(
      Snapshot snapshot,
      LayerId id,
      Snapshotter.ActiveLayer layer,
      Unpacked unpacked,
      LayerStore store)
      throws IOException {
    int position = snapshot.layers().indexOf(id);
    var below = new Snapshot(snapshot.layers().subList(0, position));
    ImplicitDirectories.adopt(
        unpacked.applied().implicitDirectories(), layer.directory(), store.tree(below), kernel);
    layer.commit(id);
  }

  private Unpacked unpack(LayerCatalog.Facts facts) throws IOException, InterruptedException {
    Descriptor blob = facts.pulled();
    if (blob == null) {
      throw new IllegalStateException("a layer that is not here was not pulled either");
    }
    fetcher.fetch(blob, facts.origin());
    Snapshotter.ActiveLayer layer = snapshotter.prepare(Snapshot.SCRATCH);
    try (InputStream in = Channels.newInputStream(content.open(blob.digest()))) {
      var applied = applier.apply(in, layer.directory());
      Digest wanted = facts.diffId();
      if (!applied.diffId().equals(wanted)) {
        throw new BuildException(
            Code.DATA_LOSS,
            "layer "
                + blob.digest()
                + ": its files have the digest "
                + applied.diffId()
                + ", the image's config says "
                + wanted);
      }
      return new Unpacked(layer, applied);
    } catch (InterruptedIOException e) {
      layer.close();
      var interrupted = new InterruptedException("unpacking layer " + blob.digest());
      interrupted.initCause(e);
      throw interrupted;
    } catch (IOException e) {
      IOException full = DiskFull.orSame(layer.directory(), e);
      layer.close();
      throw new BuildException(
          Code.DATA_LOSS, "layer " + blob.digest() + ": " + full.getMessage(), full);
    } catch (RuntimeException e) {
      layer.close();
      throw e;
    }
  }
}
