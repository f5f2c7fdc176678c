package dev.jbuild.export;

import dev.jbuild.content.LayoutContentStore;
import dev.jbuild.diff.BlobUnpacker;
import dev.jbuild.diff.LayerApplier;
import dev.jbuild.diff.LayerCompressor;
import dev.jbuild.diff.LayerTar;
import dev.jbuild.diff.UnpackLimits;
import dev.jbuild.linux.Kernel;
import dev.jbuild.linux.libc.LibcKernel;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.Platform;
import dev.jbuild.registry.TransferProgress;
import dev.jbuild.session.OutputSink;
import dev.jbuild.snapshot.Durability;
import dev.jbuild.snapshot.FileDigests;
import dev.jbuild.snapshot.LayerDirectories;
import dev.jbuild.snapshot.LayerFetcher;
import dev.jbuild.snapshot.LayerId;
import dev.jbuild.snapshot.LayerStore;
import dev.jbuild.snapshot.MergedTree;
import dev.jbuild.snapshot.OverlayWhiteouts;
import dev.jbuild.snapshot.Snapshot;
import dev.jbuild.snapshot.Snapshotter;
import dev.jbuild.snapshot.Whiteouts;
import dev.jbuild.snapshot.overlay.OverlaySnapshotter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.h2.mvstore.MVStore;

/** Real storage in a directory, with its records in memory, and a client that takes outputs. */
public final class LayerRig implements AutoCloseable {
  public static final Platform AMD64 = new Platform("linux", "amd64", "");
  public static final Instant CREATED = Instant.parse("2026-03-04T05:06:07Z");

  public final Kernel kernel = new LibcKernel();
  public final Whiteouts whiteouts = new OverlayWhiteouts(kernel);
  public final LayoutContentStore content;
  public final Snapshotter snapshotter;
  public final LayerStore catalog;
  public final FileSink sink;
  public final List<String> fetched = Collections.synchronizedList(new ArrayList<>());
  public final List<String> statuses = Collections.synchronizedList(new ArrayList<>());
  private final MVStore mvStore = MVStore.open(null);
  private final ExecutorService tasks = Executors.newVirtualThreadPerTaskExecutor();
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
    catalog =
        new LayerStore(
            mvStore,
            snapshotter,
            stack -> new MergedTree(stack, kernel, whiteouts, FileDigests.uncached()),
            this::fetch,
            new BlobUnpacker(
                content,
                new LayerApplier(kernel, whiteouts, UnpackLimits.DEFAULT),
                kernel,
                whiteouts),
            tasks);
    sink = new FileSink(Files.createDirectories(root.resolve("out")));
  }

  /** Lets layers be fetched; each is noted. */
  public void fetchFrom(LayerFetcher source) {
    fetcher = source;
  }

  public void fetch(Descriptor blob, String origin) throws IOException, InterruptedException {
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
        },
        host -> java.util.Optional.empty());
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
      catalog.created(id, CREATED);
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
    tasks.close();
    mvStore.close();
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
