package dev.jbuild.snapshot;

import dev.jbuild.content.DiskFull;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.Digest;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Brings layers that are not there: fetched and unpacked side by side, then fitted onto the layers
 * below from the bottom up. A layer is brought once, whoever asks; when no one waits for it any
 * more, that is cancelled. Thread-safe.
 */
final class LayerArrivals {
  private static final int MAX_AT_ONCE = 6;

  private final LayerStore store;
  private final Snapshotter snapshotter;
  private final LayerFetcher fetcher;
  private final LayerUnpacker unpacker;
  private final ExecutorService tasks;
  private final Semaphore room = new Semaphore(MAX_AT_ONCE);
  private final Map<LayerId, Arrival> arrivals = new HashMap<>();

  /** A layer on its way. Guarded by the map of them. */
  private static final class Arrival {
    private final Future<?> task;
    private int waiting;

    Arrival(Future<?> task) {
      this.task = task;
    }
  }

  LayerArrivals(
      LayerStore store,
      Snapshotter snapshotter,
      LayerFetcher fetcher,
      LayerUnpacker unpacker,
      ExecutorService tasks) {
    this.store = store;
    this.snapshotter = snapshotter;
    this.fetcher = fetcher;
    this.unpacker = unpacker;
    this.tasks = tasks;
  }

  void require(Snapshot snapshot) throws IOException, InterruptedException {
    Set<LayerId> missing = missing(snapshot);
    if (missing.isEmpty()) {
      return;
    }
    var joined = new ArrayList<LayerId>();
    try {
      var awaited = new ArrayList<Arrival>();
      for (LayerId layer : missing) {
        awaited.add(join(layer));
        joined.add(layer);
      }
      for (Arrival arrival : awaited) {
        await(arrival);
      }
    } finally {
      joined.forEach(this::leave);
    }
  }

  /** Those of the snapshot and those below them in their images, lowest first. */
  private Set<LayerId> missing(Snapshot snapshot) {
    var missing = new LinkedHashSet<LayerId>();
    for (LayerId layer : snapshot.layers()) {
      Deque<LayerId> chain = new ArrayDeque<>();
      LayerId at = layer;
      while (at != null && !snapshotter.exists(at) && !missing.contains(at)) {
        chain.addFirst(at);
        LayerRecord record = store.record(at);
        at = record == null ? null : record.below();
      }
      missing.addAll(chain);
    }
    return missing;
  }

  private Arrival join(LayerId layer) {
    synchronized (arrivals) {
      Arrival arrival = arrivals.get(layer);
      if (arrival == null) {
        arrival = new Arrival(tasks.submit(() -> bring(layer)));
        arrivals.put(layer, arrival);
      }
      arrival.waiting++;
      return arrival;
    }
  }

  private void leave(LayerId layer) {
    synchronized (arrivals) {
      Arrival arrival = arrivals.get(layer);
      if (arrival != null && --arrival.waiting == 0) {
        arrival.task.cancel(true);
        arrivals.remove(layer);
      }
    }
  }

  private static void await(Arrival arrival) throws IOException, InterruptedException {
    try {
      arrival.task.get();
    } catch (CancellationException e) {
      throw new IllegalStateException("a layer that is waited for was cancelled", e);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof BuildException failure) {
        // Each waiter gets its own: they may add different details.
        throw new BuildException(failure.code(), failure.message(), failure, failure.details());
      }
      if (cause instanceof IOException failure) {
        throw new IOException(failure.getMessage(), failure);
      }
      throw new IllegalStateException("bringing a layer", cause);
    }
  }

  private @Nullable Object bring(LayerId layer) throws IOException, InterruptedException {
    if (snapshotter.exists(layer)) {
      return null;
    }
    LayerRecord record = store.record(layer);
    Descriptor blob = record == null ? null : record.facts().pulled();
    Digest diffId = record == null ? null : record.facts().diffId();
    if (record == null || blob == null || diffId == null) {
      throw new BuildException(
          Code.FAILED,
          "layer " + layer + " is gone from this machine; build again with --no-cache");
    }
    try (var active = snapshotter.prepare(Snapshot.SCRATCH)) {
      LayerUnpacker.Unpacked unpacked = unpack(blob, diffId, record.facts().origin(), active);
      List<LayerId> chain = below(record);
      if (!chain.isEmpty()) {
        awaitBelow(chain.getLast());
        unpacked.fit(store.present(chain));
      }
      active.commit(layer);
    }
    return null;
  }

  private LayerUnpacker.Unpacked unpack(
      Descriptor blob, Digest diffId, String origin, Snapshotter.ActiveLayer active)
      throws IOException, InterruptedException {
    room.acquire();
    try {
      fetcher.fetch(blob, origin);
      LayerUnpacker.Unpacked unpacked = unpacker.unpack(blob, active.directory());
      if (!unpacked.diffId().equals(diffId)) {
        throw new BuildException(
            Code.DATA_LOSS,
            "layer "
                + blob.digest()
                + " of "
                + origin
                + ": unpacked it has the digest "
                + unpacked.diffId()
                + ", the image's config says "
                + diffId);
      }
      return unpacked;
    } catch (InterruptedIOException e) {
      throw e;
    } catch (IOException e) {
      throw new BuildException(
          Code.DATA_LOSS,
          "layer "
              + blob.digest()
              + " of "
              + origin
              + ": "
              + DiskFull.orSame(active.directory(), e).getMessage(),
          e);
    } finally {
      room.release();
    }
  }

  private List<LayerId> below(LayerRecord record) {
    Deque<LayerId> chain = new ArrayDeque<>();
    for (LayerId at = record.below(); at != null; ) {
      chain.addFirst(at);
      LayerRecord next = store.record(at);
      at = next == null ? null : next.below();
    }
    return List.copyOf(chain);
  }

  /** Those that were asked for with this one were submitted before it. */
  private void awaitBelow(LayerId layer) throws IOException, InterruptedException {
    while (!snapshotter.exists(layer)) {
      Arrival arrival;
      synchronized (arrivals) {
        arrival = arrivals.get(layer);
      }
      if (arrival == null) {
        if (snapshotter.exists(layer)) {
          return;
        }
        throw new InterruptedException("the layer below is not waited for any more");
      }
      await(arrival);
    }
  }
}
