package dev.jbuild.export;

import dev.jbuild.content.ContentStore;
import dev.jbuild.diff.Compression;
import dev.jbuild.diff.Decompression;
import dev.jbuild.diff.LayerBlob;
import dev.jbuild.diff.LayerCompressor;
import dev.jbuild.diff.LayerTar;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.Digest;
import dev.jbuild.oci.MediaType;
import dev.jbuild.registry.TransferProgress;
import dev.jbuild.snapshot.FileTree;
import dev.jbuild.snapshot.LayerCatalog;
import dev.jbuild.snapshot.LayerFetcher;
import dev.jbuild.snapshot.LayerId;
import dev.jbuild.snapshot.Snapshot;
import dev.jbuild.snapshot.Snapshotter;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** Makes blobs of the layers of the store, and remembers them there. */
public final class StoredLayerBlobs implements LayerBlobs {
  private final LayerCatalog catalog;
  private final LayerFetcher fetcher;
  private final ContentStore content;
  private final Snapshotter snapshotter;
  private final Trees trees;
  private final LayerTar tars;
  private final LayerCompressor compressor;
  private final ExecutorService threads;

  /**
   * @param threads runs the work of one layer each; bounds how many layers are worked on at once
   */
  public StoredLayerBlobs(
      LayerCatalog catalog,
      LayerFetcher fetcher,
      ContentStore content,
      Snapshotter snapshotter,
      Trees trees,
      LayerTar tars,
      LayerCompressor compressor,
      ExecutorService threads) {
    this.catalog = catalog;
    this.fetcher = fetcher;
    this.content = content;
    this.snapshotter = snapshotter;
    this.trees = trees;
    this.tars = tars;
    this.compressor = compressor;
    this.threads = threads;
  }

  private interface PerLayer {
    Layer make(LayerId id, LayerCatalog.Facts facts, Snapshot lower)
        throws IOException, InterruptedException;
  }

  @Override
  public List<Layer> packed(Snapshot snapshot, ImageOptions options, TransferProgress progress)
      throws IOException, InterruptedException {
    return each(snapshot, (id, facts, lower) -> packed(id, facts, lower, options));
  }

  @Override
  public List<Layer> sendable(Snapshot snapshot, ImageOptions options, TransferProgress progress)
      throws IOException, InterruptedException {
    return each(
        snapshot,
        (id, facts, lower) -> {
          Layer pulled = asPulled(facts, options);
          return pulled == null ? made(id, facts, lower, options) : pulled;
        });
  }

  @Override
  public List<Layer> described(Snapshot snapshot, TransferProgress progress)
      throws IOException, InterruptedException {
    return each(snapshot, this::described);
  }

  private List<Layer> each(Snapshot snapshot, PerLayer work)
      throws IOException, InterruptedException {
    var futures = new ArrayList<Future<Layer>>();
    boolean whole = false;
    try {
      for (int i = 0; i < snapshot.layers().size(); i++) {
        LayerId id = snapshot.layers().get(i);
        var lower = new Snapshot(snapshot.layers().subList(0, i));
        LayerCatalog.Facts facts = catalog.facts(id).orElseGet(() -> unrecorded(id));
        futures.add(threads.submit(() -> work.make(id, facts, lower)));
      }
      var layers = new ArrayList<Layer>();
      for (Future<Layer> future : futures) {
        layers.add(future.get());
      }
      whole = true;
      return layers;
    } catch (ExecutionException e) {
      throw unwrapped(e);
    } finally {
      if (!whole) {
        futures.forEach(future -> future.cancel(true));
      }
    }
  }

  /** A layer that was committed, and of which nothing else is known. */
  private LayerCatalog.Facts unrecorded(LayerId id) {
    if (!snapshotter.exists(id)) {
      throw new BuildException(Code.NOT_FOUND, "layer " + id + " is no longer in the store");
    }
    return new LayerCatalog.Facts(null, null, "", List.of(), null);
  }

  private static IOException unwrapped(ExecutionException e) throws InterruptedException {
    return switch (e.getCause()) {
      case IOException failure -> failure;
      case RuntimeException failure -> throw failure;
      case InterruptedException failure -> throw failure;
      case null -> throw new IllegalStateException("a failure has a cause", e);
      default -> throw new IllegalStateException("packing a layer failed", e.getCause());
    };
  }

  private Layer packed(LayerId id, LayerCatalog.Facts facts, Snapshot lower, ImageOptions options)
      throws IOException, InterruptedException {
    Layer pulled = asPulled(facts, options);
    if (pulled != null) {
      fetcher.fetch(pulled.blob(), facts.origin());
      return pulled;
    }
    return made(id, facts, lower, options);
  }

  /** A layer that stays as it was pulled; null for one that does not. */
  private static @Nullable Layer asPulled(LayerCatalog.Facts facts, ImageOptions options) {
    Descriptor pulled = facts.pulled();
    Digest diffId = facts.diffId();
    if (pulled == null || diffId == null) {
      return null;
    }
    return options.forced() && pulled.mediaType().compression() != options.compression()
        ? null
        : new Layer(plain(pulled), diffId, facts.created(), facts.origin());
  }

  private Layer made(LayerId id, LayerCatalog.Facts facts, Snapshot lower, ImageOptions options)
      throws IOException, InterruptedException {
    Digest diffId = facts.diffId();
    MediaType.Compression wanted = options.compression();
    for (Descriptor made : facts.made()) {
      if (diffId != null
          && made.mediaType().compression() == wanted
          && content.size(made.digest()).isPresent()
          && !(options.forced() && options.level() >= 0)) {
        return new Layer(made, diffId, facts.created(), "");
      }
    }
    LayerBlob blob =
        compressor.store(
            source(id, facts, lower), compression(wanted), Math.max(options.level(), 0));
    check(id, diffId, blob.diffId());
    var descriptor =
        new Descriptor(
            MediaType.layer(MediaType.Column.OCI, wanted), blob.digest(), blob.sizeBytes());
    catalog.remember(id, blob.diffId(), descriptor);
    return new Layer(descriptor, blob.diffId(), facts.created(), "");
  }

  private Layer described(LayerId id, LayerCatalog.Facts facts, Snapshot lower)
      throws IOException, InterruptedException {
    Descriptor pulled = facts.pulled();
    Digest known = facts.diffId();
    if (pulled != null && known != null) {
      return new Layer(plain(pulled), known, facts.created(), facts.origin());
    }
    for (Descriptor made : facts.made()) {
      if (known != null && made.mediaType().compression() == MediaType.Compression.NONE) {
        return new Layer(made, known, facts.created(), "");
      }
    }
    var count = new long[1];
    LayerCompressor.TarSource tar = source(id, facts, lower);
    Digest diffId = LayerCompressor.diffId(out -> tar.writeTo(new Counting(out, count)));
    check(id, known, diffId);
    var descriptor = new Descriptor(MediaType.OCI_LAYER, diffId, count[0]);
    catalog.remember(id, diffId, descriptor);
    return new Layer(descriptor, diffId, facts.created(), "");
  }

  private static Descriptor plain(Descriptor pulled) {
    return new Descriptor(pulled.mediaType(), pulled.digest(), pulled.sizeBytes());
  }

  /** The layer's tar: from the blob it came as, or else from its directory. */
  private LayerCompressor.TarSource source(LayerId id, LayerCatalog.Facts facts, Snapshot lower)
      throws IOException, InterruptedException {
    Descriptor pulled = facts.pulled();
    if (pulled != null) {
      fetcher.fetch(pulled, facts.origin());
      return out -> {
        try (InputStream in =
            Decompression.open(Channels.newInputStream(content.open(pulled.digest())))) {
          in.transferTo(out);
        }
      };
    }
    FileTree below = trees.open(lower);
    Path directory = snapshotter.directory(id);
    return out -> tars.write(directory, below, Long.MAX_VALUE, out);
  }

  private static void check(LayerId id, @Nullable Digest known, Digest diffId) {
    if (known != null && !known.equals(diffId)) {
      throw new BuildException(
          Code.DATA_LOSS,
          "layer "
              + id
              + " has changed since it was made: its tar has digest "
              + diffId
              + ", it was "
              + known);
    }
  }

  private static Compression compression(MediaType.Compression wanted) {
    return switch (wanted) {
      case NONE -> Compression.UNCOMPRESSED;
      case GZIP -> Compression.GZIP;
      case ZSTD -> Compression.ZSTD;
    };
  }

  /** Counts what goes through. */
  private static final class Counting extends FilterOutputStream {
    private final long[] count;

    Counting(OutputStream out, long[] count) {
      super(out);
      this.count = count;
    }

    @Override
    public void write(int b) throws IOException {
      count[0]++;
      out.write(b);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      count[0] += length;
      out.write(bytes, offset, length);
    }
  }
}
