package dev.jbuild.daemon.storage;

import dev.jbuild.cachemount.DiskUse;
import dev.jbuild.image.ImageStore;
import dev.jbuild.snapshot.LayerCatalog.Facts;
import dev.jbuild.snapshot.LayerDirectories;
import dev.jbuild.snapshot.LayerId;
import dev.jbuild.snapshot.LayerStore;
import dev.jbuild.snapshot.StoredDigests;
import dev.jbuild.snapshot.TreeDeletion;
import dev.jbuild.solver.cache.CacheRecord;
import dev.jbuild.solver.cache.file.FileKeyStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Layers that are on disk. One stands on those that are below it in any snapshot. The snapshots
 * that builds use say which layers are in use.
 *
 * @param sizes of layers, which never change, once measured
 */
record LayerHolding(
    LayerStore layers,
    LayerDirectories directories,
    StoredDigests digests,
    ImageStore images,
    FileKeyStore keys,
    UseLog uses,
    Map<String, Long> sizes)
    implements Holding {
  private static final String KEY = "layer:";

  /** What is found out of all layers by looking at the snapshots. */
  private static final class Found {
    private final Map<LayerId, UseLog.Use> lastUse = new HashMap<>();
    private final Map<LayerId, Set<String>> parents = new HashMap<>();
    private final Map<LayerId, String> names = new HashMap<>();
    private final Set<LayerId> inUse = new HashSet<>();

    void use(LayerId layer, UseLog.Use use) {
      lastUse.merge(
          layer,
          use,
          (one, other) ->
              new UseLog.Use(
                  one.last().isAfter(other.last()) ? one.last() : other.last(),
                  Math.max(one.count(), other.count())));
    }
  }

  @Override
  public List<UsageRecord> records(UseLog.Scan scan) throws IOException {
    Set<LayerId> present = directories.all();
    Found found = found(present, scan);
    Set<LayerId> named = images.layersInUse();
    var records = new ArrayList<UsageRecord>();
    for (LayerId layer : present) {
      Facts facts = layers.facts(layer).orElse(null);
      Instant begun = begun(layer);
      if (begun == null) {
        continue; // gone meanwhile
      }
      UseLog.Use use = found.lastUse.get(layer);
      boolean inUse = found.inUse.contains(layer) || scan.uses(KEY + layer) || scan.covers(begun);
      records.add(
          new UsageRecord(
              layer.value(),
              UsageRecord.Type.REGULAR,
              description(layer, facts, found),
              size(layer),
              facts == null || facts.created() == null ? begun : facts.created(),
              use == null ? null : use.last(),
              use == null ? 0 : use.count(),
              List.copyOf(found.parents.getOrDefault(layer, Set.of())),
              inUse,
              named.contains(layer),
              false));
    }
    return records;
  }

  private Found found(Set<LayerId> present, UseLog.Scan scan) {
    Map<String, LayerStore.Stacked> stacks = layers.stacks();
    var found = new Found();
    for (CacheRecord record : keys.records()) {
      LayerStore.Stacked stacked = stacks.get(record.resultId());
      if (stacked != null) {
        found.names.putIfAbsent(stacked.top(), record.name());
      }
    }
    for (LayerId layer : present) {
      UseLog.Use use = uses.find(KEY + layer);
      if (use != null) {
        found.use(layer, use);
      }
    }
    var walked = new HashMap<String, Instant>();
    for (var entry : stacks.entrySet()) {
      LayerStore.Stacked below = stacks.get(entry.getValue().below());
      if (below != null && present.contains(below.top())) {
        found
            .parents
            .computeIfAbsent(entry.getValue().top(), layer -> new TreeSet<>())
            .add(below.top().value());
      }
      UseLog.Use use = uses.find(entry.getKey());
      if (use != null) {
        spread(entry.getKey(), use, stacks, found, walked);
      }
      if (scan.uses(entry.getKey())) {
        protect(entry.getKey(), stacks, found.inUse);
      }
    }
    return found;
  }

  /** What a snapshot stands on was used when the snapshot was. */
  private static void spread(
      String id,
      UseLog.Use use,
      Map<String, LayerStore.Stacked> stacks,
      Found found,
      Map<String, Instant> walked) {
    LayerStore.Stacked at = stacks.get(id);
    String name = id;
    while (at != null) {
      Instant known = walked.get(name);
      if (known != null && !known.isBefore(use.last())) {
        return;
      }
      walked.put(name, use.last());
      found.use(at.top(), use);
      name = at.below();
      at = stacks.get(name);
    }
  }

  private static void protect(
      String id, Map<String, LayerStore.Stacked> stacks, Set<LayerId> inUse) {
    for (LayerStore.Stacked at = stacks.get(id); at != null; at = stacks.get(at.below())) {
      inUse.add(at.top());
    }
  }

  private static String description(LayerId layer, @Nullable Facts facts, Found found) {
    String name = found.names.get(layer);
    if (facts != null && facts.pulled() != null) {
      return "pulled from " + facts.origin() + (name == null ? "" : ", " + name);
    }
    return name == null ? "layer" : name;
  }

  private @Nullable Instant begun(LayerId layer) {
    try {
      return directories.begun(layer);
    } catch (IOException gone) {
      return null;
    }
  }

  private long size(LayerId layer) throws IOException {
    Long known = sizes.get(layer.value());
    if (known != null) {
      return known;
    }
    long size = DiskUse.of(directories.differences(layer));
    sizes.put(layer.value(), size);
    return size;
  }

  /** First the record, then the name of the directory, then what is in it. */
  @Override
  public boolean remove(UsageRecord record, UseLog.Scan scan) throws IOException {
    var layer = new LayerId(record.id());
    Path left = scan.alone(late -> usedLate(layer, late) ? null : detached(layer));
    if (left == null) {
      return false;
    }
    TreeDeletion.delete(left);
    digests.forget(layer);
    sizes.remove(layer.value());
    uses.forget(KEY + layer);
    return true;
  }

  private boolean usedLate(LayerId layer, Set<String> late) {
    if (late.isEmpty()) {
      return false;
    }
    Map<String, LayerStore.Stacked> stacks = layers.stacks();
    var inUse = new HashSet<LayerId>();
    late.forEach(id -> protect(id, stacks, inUse));
    return inUse.contains(layer) || late.contains(KEY + layer);
  }

  private @Nullable Path detached(LayerId layer) throws IOException {
    layers.forget(layer);
    return directories.detach(layer);
  }

  @Override
  public void swept() {
    layers.sweepNames();
    keys.sweep(record -> !layers.knows(record.resultId()));
  }
}
