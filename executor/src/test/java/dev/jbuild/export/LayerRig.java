package dev.jbuild.export;

import dev.jbuild.content.LayoutContentStore;
import dev.jbuild.diff.LayerApplier;
import dev.jbuild.diff.LayerCompressor;
import dev.jbuild.diff.LayerTar;
import dev.jbuild.diff.UnpackLimits;
import dev.jbuild.linux.Kernel;
import dev.jbuild.linux.libc.LibcKernel;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.Digest;
import dev.jbuild.oci.Platform;
import dev.jbuild.registry.TransferProgress;
import dev.jbuild.session.OutputSink;
import dev.jbuild.snapshot.Durability;
import dev.jbuild.snapshot.LayerCatalog;
import dev.jbuild.snapshot.LayerDirectories;
import dev.jbuild.snapshot.LayerFetcher;
import dev.jbuild.snapshot.LayerId;
import dev.jbuild.snapshot.OverlayWhiteouts;
import dev.jbuild.snapshot.Snapshot;
import dev.jbuild.snapshot.Snapshotter;
import dev.jbuild.snapshot.Whiteouts;
import dev.jbuild.snapshot.overlay.OverlaySnapshotter;
import dev.jbuild.source.ChainId;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Real storage in a directory, with a catalog in memory, and a client that takes outputs. */
public final class LayerRig implements AutoCloseable {
  public static final Platform AMD64 = new Platform("linux", "amd64", "");
  public static final Instant CREATED = Instant.parse("2026-03-04T05:06:07Z");

  public final Kernel kernel = new LibcKernel();
  public final Whiteouts whiteouts = new OverlayWhiteouts(kernel);
  public final LayoutContentStore content;
  public final Snapshotter snapshotter;
  public final MemoryCatalog catalog = new MemoryCatalog();
  public final FileSink sink;
  public final List<String> fetched = Collections.synchronizedList(new ArrayList<>());
  public final List<String> statuses = Collections.synchronizedList(new ArrayList<>());
  private final ExecutorService threads = Executors.newFixedThreadPool(2);
  private final ExecutorService workers = Executors.newFixedThreadPool(2);
  private LayerFetcher fetcher =
      (blob, origin) -> {
        throw new AssertionError("nothing to fetch from " + origin);
      };

  public LayerRig(Path root) throws IOException {
    content = new LayoutContentStore(root);
    content.open();
    Path layers = root.resolve("layers");
    var durability = new Durability(layers.resolve(".unsynced"), "boot1", kernel, task -> {});
    var directories = new LayerDirectories(layers, kernel, durability, new Random(1));
    var overlay = new OverlaySnapshotter(directories, kernel, whiteouts);
    overlay.open();
    snapshotter = overlay;
    sink = new FileSink(Files.createDirectories(root.resolve("out")));
  }

  /** Lets layers be fetched; each is noted. */
  public void fetchFrom(LayerFetcher source) {
    fetcher = source;
  }

  private void fetch(Descriptor blob, String origin) throws IOException, InterruptedException {
    if (content.size(blob.digest()).isEmpty()) {
      fetched.add(origin);
      fetcher.fetch(blob, origin);
    }
  }

  public Trees trees() {
    return new MergedTrees(catalog, snapshotter, kernel, whiteouts);
  }

  public LayerBlobs blobs() {
    return new StoredLayerBlobs(
        catalog,
        this::fetch,
        content,
        snapshotter,
        trees(),
        new LayerTar(kernel, whiteouts),
        new LayerCompressor(content, workers, 2),
        threads);
  }

  public ImageWriter writer() {
    return new ImageWriter(blobs());
  }

  public ExportContext context() {
    return new ExportContext(
        sink,
        0,
        new TransferProgress() {
          @Override
          public void status(String id, long currentBytes, long totalBytes, boolean done) {
            statuses.add(id + (done ? " done" : ""));
          }

          @Override
          public void note(String line) {
            statuses.add("note " + line);
          }
        });
  }

  /** Fills a layer's directory. */
  public interface Filling {
    void fill(Path directory) throws IOException;
  }

  /** The snapshot with one more layer, whose files all have the same old time. */
  public Snapshot layer(Snapshot below, Filling filling) throws IOException {
    try (Snapshotter.ActiveLayer active = snapshotter.prepare(below)) {
      filling.fill(active.directory());
      try (var paths = Files.walk(active.directory())) {
        for (Path path : paths.sorted(java.util.Comparator.reverseOrder()).toList()) {
          kernel.changeTimes(path, 1_000_000_000L, 1_000_000_000L);
        }
      }
      LayerId id = active.commit();
      catalog.made(id);
      var layers = new ArrayList<>(below.layers());
      layers.add(id);
      return new Snapshot(layers);
    }
  }

  public static BuildResult result(Snapshot snapshot) {
    return result(snapshot, "{\"os\":\"linux\",\"architecture\":\"amd64\"}");
  }

  public static BuildResult result(Snapshot snapshot, String config) {
    var image = new BuildResult.PlatformImage(AMD64, snapshot, Bytes.utf8(config), null);
    return new BuildResult(List.of(image), false, Map.of());
  }

  @Override
  public void close() {
    threads.close();
    workers.close();
  }

  /** A catalog that forgets with the process. */
  public final class MemoryCatalog implements LayerCatalog {
    private final Map<LayerId, Facts> facts = new ConcurrentHashMap<>();

    void made(LayerId id) {
      facts.put(id, new Facts(null, null, "", List.of(), CREATED));
    }

    public void forget(LayerId id) {
      facts.remove(id);
    }

    @Override
    public Snapshot register(List<LazyLayer> layers) {
      var ids = new ArrayList<LayerId>();
      var diffIds = new ArrayList<Digest>();
      for (LazyLayer layer : layers) {
        diffIds.add(layer.diffId());
        var id = new LayerId(ChainId.of(diffIds).hex());
        facts.putIfAbsent(
            id, new Facts(layer.diffId(), layer.blob(), layer.origin(), List.of(), null));
        ids.add(id);
      }
      return new Snapshot(ids);
    }

    @Override
    public Optional<Facts> facts(LayerId layer) {
      return Optional.ofNullable(facts.get(layer));
    }

    @Override
    public void remember(LayerId layer, Digest diffId, Descriptor blob) {
      facts.computeIfPresent(
          layer,
          (id, old) -> {
            var made = new ArrayList<>(old.made());
            made.add(blob);
            return new Facts(diffId, old.pulled(), old.origin(), made, old.created());
          });
    }

    @Override
    public void require(Snapshot snapshot) throws IOException, InterruptedException {
      for (int i = 0; i < snapshot.layers().size(); i++) {
        LayerId id = snapshot.layers().get(i);
        Descriptor pulled = facts(id).orElseThrow().pulled();
        if (snapshotter.exists(id) || pulled == null) {
          continue;
        }
        fetch(pulled, facts(id).orElseThrow().origin());
        var below = new Snapshot(snapshot.layers().subList(0, i));
        try (Snapshotter.ActiveLayer active = snapshotter.prepare(below);
            InputStream blob = Channels.newInputStream(content.open(pulled.digest()))) {
          var applied =
              new LayerApplier(kernel, whiteouts, UnpackLimits.DEFAULT)
                  .apply(blob, active.directory());
          if (applied.diffId().equals(facts(id).orElseThrow().diffId())) {
            active.commit(id);
          }
        }
      }
    }
  }

  /** Takes files into a directory; can be full. */
  public static final class FileSink implements OutputSink {
    private final Path directory;
    private long room = Long.MAX_VALUE;
    private int files;

    FileSink(Path directory) {
      this.directory = directory;
    }

    /** From now on the disk takes this many bytes a file. */
    public void room(long bytes) {
      room = bytes;
    }

    /** The files that were taken whole, oldest first. */
    public List<Path> taken() throws IOException {
      try (var all = Files.list(directory)) {
        return all.sorted().toList();
      }
    }

    public Path newest() throws IOException {
      return taken().getLast();
    }

    @Override
    public OutputStream openFile(int exporter) throws IOException {
      return new Taken(directory.resolve("file" + files++ + ".tar"), room);
    }

    @Override
    public Path directory(int exporter) {
      return directory;
    }
  }

  private static final class Taken extends OutputStream implements OutputSink.Droppable {
    private final Path target;
    private final Path part;
    private final OutputStream out;
    private long room;

    Taken(Path target, long room) throws IOException {
      this.target = target;
      this.part = target.resolveSibling("." + target.getFileName() + ".part");
      this.out = Files.newOutputStream(part);
      this.room = room;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      room -= length;
      if (room < 0) {
        throw new IOException("No space left on device");
      }
      out.write(bytes, offset, length);
    }

    @Override
    public void close() throws IOException {
      out.close();
      Files.move(part, target);
    }

    @Override
    public void drop() throws IOException {
      out.close();
      Files.delete(part);
    }
  }
}
