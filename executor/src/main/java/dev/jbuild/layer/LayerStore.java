package dev.jbuild.layer;

import dev.jbuild.linux.Kernel;
import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.Digest;
import dev.jbuild.snapshot.FileDigests;
import dev.jbuild.snapshot.LayerCatalog;
import dev.jbuild.snapshot.LayerId;
import dev.jbuild.snapshot.MergedTree;
import dev.jbuild.snapshot.Snapshot;
import dev.jbuild.snapshot.Snapshotter;
import dev.jbuild.snapshot.Whiteouts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is known of layers, whether they are here or not, and how file-system states are named so
 * that they are found again. A layer remembers what it was made on: a state is named by its top
 * layer alone, where it is that layer's own stack. Safe for use by several threads.
 */
public final class LayerStore implements LayerCatalog {
  private static final String STACK = "layer:";
  private static final String LIST = "layers:";
  private static final String SCRATCH = "scratch";

  private final LayerRecords records;
  private final Snapshotter snapshotter;
  private final LayerUnpacker unpacker;
  private final Kernel kernel;
  private final Whiteouts whiteouts;
  private final FileDigests digests;

  /**
   * @param directory of the records
   */
  public LayerStore(
      Path directory,
      Snapshotter snapshotter,
      LayerUnpacker unpacker,
      Kernel kernel,
      Whiteouts whiteouts,
      FileDigests digests) {
    this.records = new LayerRecords(directory);
    this.snapshotter = snapshotter;
    this.unpacker = unpacker;
    this.kernel = kernel;
    this.whiteouts = whiteouts;
    this.digests = digests;
  }

  /** To be called once, before the first use. */
  public void open() throws IOException {
    records.open();
  }

  /**
   * Keeps that a committed layer was made on top of {@code parent}, and gives the state of both.
   */
  public Snapshot committed(Snapshot parent, LayerId layer, Instant created) throws IOException {
    records.put(layer, LayerRecord.made(top(parent), created));
    var layers = new ArrayList<>(parent.layers());
    layers.add(layer);
    return new Snapshot(layers);
  }

  @Override
  public Snapshot register(List<LazyLayer> layers) throws IOException {
    var ids = new ArrayList<LayerId>();
    Digest chain = null;
    for (LazyLayer layer : layers) {
      LayerId parent = ids.isEmpty() ? null : ids.getLast();
      chain = chain == null ? layer.diffId() : chain(chain, layer.diffId());
      var id = new LayerId(chain.hex());
      if (records.find(id) == null) {
        records.put(id, LayerRecord.lazy(parent, layer));
      }
      ids.add(id);
    }
    return new Snapshot(ids);
  }

  /** Source: OCI image-spec, config.md, "Layer ChainID". */
  private static Digest chain(Digest below, Digest diffId) {
    return Digest.of((below + " " + diffId).getBytes(StandardCharsets.US_ASCII));
  }

  @Override
  public Optional<Facts> facts(LayerId layer) {
    LayerRecord record = records.find(layer);
    return record == null ? Optional.empty() : Optional.of(record.facts());
  }

  @Override
  public void remember(LayerId layer, Digest diffId, Descriptor blob) throws IOException {
    synchronized (records) {
      LayerRecord record = records.find(layer);
      if (record == null) {
        throw new IllegalStateException("layer " + layer + " is not known");
      }
      records.put(layer, record.with(diffId, blob));
    }
  }

  @Override
  public void require(Snapshot snapshot) throws IOException, InterruptedException {
    unpacker.require(snapshot, this);
  }

  /** The files of a state, whose layers must be here: see {@link #require}. */
  public MergedTree tree(Snapshot snapshot) {
    var layers = new ArrayList<MergedTree.Layer>();
    for (LayerId layer : snapshot.layers()) {
      layers.add(new MergedTree.Layer(layer, snapshotter.directory(layer)));
    }
    return new MergedTree(layers, kernel, whiteouts, digests);
  }

  /** The name under which {@link #find} gives the state back. */
  public String name(Snapshot snapshot) {
    LayerId top = top(snapshot);
    if (top == null) {
      return SCRATCH;
    }
    if (snapshot.equals(stack(top))) {
      return STACK + top;
    }
    return LIST + String.join(".", snapshot.layers().stream().map(LayerId::value).toList());
  }

  /** The state of that name; empty when a layer of it is neither here nor can be brought. */
  public Optional<Snapshot> find(String name) {
    Snapshot snapshot = null;
    if (name.equals(SCRATCH)) {
      snapshot = Snapshot.SCRATCH;
    } else if (name.startsWith(STACK)) {
      snapshot = stack(new LayerId(name.substring(STACK.length())));
    } else if (name.startsWith(LIST)) {
      var layers = new ArrayList<LayerId>();
      for (String layer : name.substring(LIST.length()).split("\\.", -1)) {
        layers.add(new LayerId(layer));
      }
      snapshot = new Snapshot(layers);
    }
    if (snapshot == null || !snapshot.layers().stream().allMatch(this::isObtainable)) {
      return Optional.empty();
    }
    return Optional.of(snapshot);
  }

  private boolean isObtainable(LayerId layer) {
    LayerRecord record = records.find(layer);
    return record != null && (snapshotter.exists(layer) || record.facts().pulled() != null);
  }

  /** A layer with all it was made on; null when one is not known. */
  private @Nullable Snapshot stack(LayerId top) {
    var layers = new ArrayList<LayerId>();
    for (LayerId at = top; at != null; ) {
      LayerRecord record = records.find(at);
      if (record == null) {
        return null;
      }
      layers.add(at);
      at = record.parent();
    }
    return new Snapshot(layers.reversed());
  }

  private static @Nullable LayerId top(Snapshot snapshot) {
    return snapshot.layers().isEmpty() ? null : snapshot.layers().getLast();
  }
}
