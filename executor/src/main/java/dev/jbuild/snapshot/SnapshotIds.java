package dev.jbuild.snapshot;

import dev.jbuild.oci.Digest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Predicate;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.type.StringDataType;
import org.jspecify.annotations.Nullable;

/**
 * Names for snapshots: each record holds one layer and the name of the snapshot below it, so that a
 * chain of steps takes room in proportion to its length. Thread-safe.
 */
final class SnapshotIds {
  private static final String SCRATCH = "scratch";
  private static final String PREFIX = "snap-";
  private static final int HEX_DIGITS = 40;
  private static final int MAX_LAYERS = 100_000;

  /** Layers of all remembered snapshots together. */
  private static final int MAX_REMEMBERED_LAYERS = 4_000_000;

  private static final int MAX_REMEMBERED = 4096;

  private final MVStore store;
  private final MVMap<String, String> records;
  private final Predicate<LayerId> obtainable;
  private final SequencedMap<String, Snapshot> byId = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<Snapshot, String> bySnapshot = new LinkedHashMap<>(16, 0.75f, true);
  private long rememberedLayers;

  /**
   * @param obtainable whether a layer is there or can be brought
   */
  SnapshotIds(MVStore store, Predicate<LayerId> obtainable) {
    this.store = store;
    this.obtainable = obtainable;
    this.records =
        store.openMap(
            "snapshots",
            new MVMap.Builder<String, String>()
                .keyType(StringDataType.INSTANCE)
                .valueType(StringDataType.INSTANCE));
  }

  synchronized String id(Snapshot snapshot) {
    if (snapshot.layers().isEmpty()) {
      return SCRATCH;
    }
    String known = bySnapshot.get(snapshot);
    if (known != null && records.containsKey(known)) {
      return known;
    }
    int from = snapshot.layers().size() - 1;
    String below = from == 0 ? SCRATCH : bySnapshot.get(below(snapshot));
    if (below == null || !isRecorded(below)) {
      from = 0;
      below = SCRATCH;
    }
    boolean changed = false;
    for (LayerId layer : snapshot.layers().subList(from, snapshot.layers().size())) {
      String id = id(below, layer);
      changed |= records.putIfAbsent(id, below + " " + layer) == null;
      below = id;
    }
    if (changed) {
      store.commit();
    }
    remember(below, snapshot);
    return below;
  }

  private boolean isRecorded(String id) {
    return id.equals(SCRATCH) || records.containsKey(id);
  }

  private static Snapshot below(Snapshot snapshot) {
    return new Snapshot(snapshot.layers().subList(0, snapshot.layers().size() - 1));
  }

  private static String id(String below, LayerId layer) {
    byte[] text = (below + " " + layer).getBytes(StandardCharsets.US_ASCII);
    return PREFIX + Digest.of(text).hex().substring(0, HEX_DIGITS);
  }

  synchronized Optional<Snapshot> load(String id) {
    Deque<LayerId> above = new ArrayDeque<>();
    String at = id;
    Snapshot base = SCRATCH.equals(at) ? Snapshot.SCRATCH : byId.get(at);
    while (base == null) {
      String record = records.get(at);
      LayerId layer = record == null ? null : layer(record);
      if (record == null || layer == null || above.size() == MAX_LAYERS) {
        return Optional.empty();
      }
      above.addFirst(layer);
      at = record.substring(0, record.indexOf(' '));
      base = SCRATCH.equals(at) ? Snapshot.SCRATCH : byId.get(at);
    }
    if (!above.stream().allMatch(obtainable)) {
      return Optional.empty();
    }
    var layers = new ArrayList<>(base.layers());
    layers.addAll(above);
    var snapshot = new Snapshot(layers);
    remember(id, snapshot);
    return Optional.of(snapshot);
  }

  private static @Nullable LayerId layer(String record) {
    try {
      return new LayerId(record.substring(record.indexOf(' ') + 1));
    } catch (IllegalArgumentException e) {
      return null; // a damaged record is none
    }
  }

  Map<String, LayerStore.Stacked> stacks() {
    var all = new HashMap<String, LayerStore.Stacked>();
    for (Map.Entry<String, String> entry : records.entrySet()) {
      LayerId layer = layer(entry.getValue());
      int blank = entry.getValue().indexOf(' ');
      if (layer != null && blank > 0) {
        String below = entry.getValue().substring(0, blank);
        all.put(entry.getKey(), new LayerStore.Stacked(below.equals(SCRATCH) ? "" : below, layer));
      }
    }
    return all;
  }

  synchronized void sweep() {
    forgetMemory();
    var gone = new ArrayList<String>();
    for (String id : records.keySet()) {
      if (load(id).isEmpty()) {
        gone.add(id);
      }
    }
    gone.forEach(records::remove);
    if (!gone.isEmpty()) {
      store.commit();
    }
  }

  /** To be called when layers go: what was found obtainable may be so no more. */
  synchronized void forgetMemory() {
    byId.clear();
    bySnapshot.clear();
    rememberedLayers = 0;
  }

  private void remember(String id, Snapshot snapshot) {
    if (byId.put(id, snapshot) == null) {
      rememberedLayers += snapshot.layers().size();
    }
    bySnapshot.put(snapshot, id);
    while (byId.size() > MAX_REMEMBERED || rememberedLayers > MAX_REMEMBERED_LAYERS) {
      var eldest = byId.pollFirstEntry();
      rememberedLayers -= eldest.getValue().layers().size();
      bySnapshot.remove(eldest.getValue());
    }
  }
}
