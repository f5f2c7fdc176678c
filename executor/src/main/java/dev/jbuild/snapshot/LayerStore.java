package dev.jbuild.snapshot;

import dev.jbuild.content.UseWatch;
import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.Digest;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.type.ByteArrayDataType;
import org.h2.mvstore.type.StringDataType;
import org.jspecify.annotations.Nullable;

/**
 * All layers: which there are, what is known of them, and the merged view of stacks of them. An
 * image's layer has its chain id as its name, so that it is kept once whatever images have it. What
 * a method that writes has returned from survives the death of the process; a record that cannot be
 * read counts as not there. Thread-safe.
 */
public final class LayerStore implements LayerCatalog {
  private static final System.Logger LOG = System.getLogger(LayerStore.class.getName());

  private final MVStore store;
  private final Snapshotter snapshotter;
  private final Merging merging;
  private final MVMap<String, byte[]> records;
  private final SnapshotIds ids;
  private final LayerArrivals arrivals;
  private final UseWatch watch;

  /** Makes the merged view of layers whose directories are there. */
  public interface Merging {
    MergedTree tree(List<MergedTree.Layer> layers);
  }

  /**
   * @param store open; who opened it closes it
   * @param merging such as {@code layers -> new MergedTree(layers, kernel, whiteouts, digests)}
   * @param tasks brings layers, several at once; tasks block, and wait for those submitted before
   */
  public LayerStore(
      MVStore store,
      Snapshotter snapshotter,
      Merging merging,
      LayerFetcher fetcher,
      LayerUnpacker unpacker,
      ExecutorService tasks) {
    this(store, snapshotter, merging, fetcher, unpacker, tasks, UseWatch.NOBODY);
  }

  /**
   * @param watch told of the layers and snapshots that are used
   */
  public LayerStore(
      MVStore store,
      Snapshotter snapshotter,
      Merging merging,
      LayerFetcher fetcher,
      LayerUnpacker unpacker,
      ExecutorService tasks,
      UseWatch watch) {
    this.store = store;
    this.watch = watch;
    this.snapshotter = snapshotter;
    this.merging = merging;
    this.records =
        store.openMap(
            "layers",
            new MVMap.Builder<String, byte[]>()
                .keyType(StringDataType.INSTANCE)
                .valueType(ByteArrayDataType.INSTANCE));
    this.ids = new SnapshotIds(store, this::isObtainable);
    this.arrivals = new LayerArrivals(this, snapshotter, fetcher, unpacker, tasks);
  }

  @Override
  public Snapshot register(List<LazyLayer> layers) {
    var ids = new ArrayList<LayerId>();
    Digest chain = null;
    boolean changed = false;
    for (LazyLayer layer : layers) {
      chain = chain == null ? layer.diffId() : chain(chain, layer.diffId());
      LayerId id = new LayerId(chain.hex());
      used(id);
      changed |= register(id, layer, ids.isEmpty() ? null : ids.getLast());
      ids.add(id);
    }
    if (changed) {
      store.commit();
    }
    return new Snapshot(ids);
  }

  /** Source: OCI image-spec, config.md, "Layer ChainID". */
  private static Digest chain(Digest below, Digest diffId) {
    return Digest.of((below + " " + diffId).getBytes(StandardCharsets.US_ASCII));
  }

  /** A layer that is not here yet may have become available somewhere else: the newest counts. */
  private synchronized boolean register(LayerId id, LazyLayer layer, @Nullable LayerId below) {
    LayerRecord known = record(id);
    if (known != null && snapshotter.exists(id)) {
      return false;
    }
    List<Descriptor> made = known == null ? List.of() : known.facts().made();
    var facts = new Facts(layer.diffId(), layer.blob(), layer.origin(), made, null);
    var next = new LayerRecord(facts, below);
    if (next.equals(known)) {
      return false;
    }
    records.put(id.value(), next.toBytes());
    return true;
  }

  @Override
  public Optional<Facts> facts(LayerId layer) {
    return Optional.ofNullable(record(layer)).map(LayerRecord::facts);
  }

  @Override
  public synchronized void remember(LayerId layer, Digest diffId, Descriptor blob) {
    LayerRecord known = record(layer);
    put(layer, (known == null ? LayerRecord.NOTHING : known).with(diffId, blob));
  }

  /** Keeps when a layer was made here. */
  public void created(LayerId layer, Instant when) {
    used(layer);
    synchronized (this) {
      LayerRecord known = record(layer);
      put(layer, (known == null ? LayerRecord.NOTHING : known).createdAt(when));
    }
  }

  /** Says that a layer is used, before it is looked for. */
  public void used(LayerId layer) {
    watch.used("layer:" + layer);
  }

  private void put(LayerId layer, LayerRecord record) {
    records.put(layer.value(), record.toBytes());
    store.commit();
  }

  @Override
  public void require(Snapshot snapshot) throws IOException, InterruptedException {
    arrivals.require(snapshot);
  }

  /** The merged view; the layers are brought first where they are not there. */
  public MergedTree tree(Snapshot snapshot) throws IOException, InterruptedException {
    require(snapshot);
    return present(snapshot.layers());
  }

  /** The merged view of layers that are there. */
  MergedTree present(List<LayerId> layers) {
    return merging.tree(
        layers.stream()
            .map(layer -> new MergedTree.Layer(layer, snapshotter.directory(layer)))
            .toList());
  }

  /**
   * A name under which {@link #load} finds the snapshot again; the same for equal snapshots. Its
   * length does not depend on the number of layers.
   */
  public String id(Snapshot snapshot) {
    String id = ids.id(snapshot);
    watch.used(id);
    return id;
  }

  /** The snapshot of a name; empty when the name is not known or a layer can be had no more. */
  public Optional<Snapshot> load(String id) {
    watch.used(id);
    return ids.load(id);
  }

  /** Removes a layer and what is known of it. Nothing may use it any more. */
  public synchronized void remove(LayerId layer) throws IOException {
    forget(layer);
    snapshotter.remove(layer);
  }

  /** Removes what is known of a layer; its directory goes next, or it is found without a record. */
  public synchronized void forget(LayerId layer) {
    ids.forgetMemory();
    records.remove(layer.value());
    store.commit();
  }

  /** Whether {@link #load} would find it; no use of it. */
  public boolean knows(String id) {
    return ids.load(id).isPresent();
  }

  /** One layer on top of a snapshot, which is empty where there is nothing below. */
  public record Stacked(String below, LayerId top) {}

  /** All named snapshots by their names, as they are now; no use of them. */
  public Map<String, Stacked> stacks() {
    return ids.stacks();
  }

  /** Forgets the names of snapshots whose layers are gone. */
  public void sweepNames() {
    ids.sweep();
  }

  private boolean isObtainable(LayerId layer) {
    if (snapshotter.exists(layer)) {
      return true;
    }
    LayerRecord known = record(layer);
    return known != null && known.facts().pulled() != null;
  }

  @Nullable LayerRecord record(LayerId layer) {
    byte[] bytes = records.get(layer.value());
    if (bytes == null) {
      return null;
    }
    try {
      return LayerRecord.read(bytes);
    } catch (IOException e) {
      LOG.log(Level.WARNING, "layer " + layer + ": its record is not readable", e);
      return null;
    }
  }
}
