package dev.jbuild.source.image;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.image.ImageStore;
import dev.jbuild.image.StoredImage;
import dev.jbuild.oci.Digest;
import dev.jbuild.oci.ImageConfig;
import dev.jbuild.oci.ImageRef;
import dev.jbuild.oci.Platform;
import dev.jbuild.oci.json.ImageConfigJson;
import dev.jbuild.oci.json.OciFormatException;
import dev.jbuild.registry.RegistryClient;
import dev.jbuild.registry.Repository;
import dev.jbuild.registry.Resolved;
import dev.jbuild.registry.TransferProgress;
import dev.jbuild.snapshot.LayerCatalog;
import dev.jbuild.source.FoundImage;
import dev.jbuild.source.ImageReader;
import dev.jbuild.source.LayerFetches;
import dev.jbuild.source.Located;
import dev.jbuild.source.LocatedImage;
import dev.jbuild.source.SingleFlight;
import dev.jbuild.source.Source;
import dev.jbuild.source.SourceRequest;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Images by name. Unless a build asks to pull, jbuild's own store is looked at first, for names
 * that {@code -t} stored; then the registry. A name is resolved once a job. Closing ends the offers
 * of layers, not their pulls. Safe for use by several threads.
 */
public final class ImageSource implements Source, AutoCloseable {
  private final RegistryClient registry;
  private final ImageStore images;
  private final ImageReader reader;
  private final LayerCatalog catalog;
  private final LayerFetches fetches;
  private final ConcurrentHashMap<Wanted, Found> known = new ConcurrentHashMap<>();
  private final SingleFlight<Wanted, Found> flights = new SingleFlight<>();

  /**
   * @param registry with the rights of the job's client
   * @param fetches is offered the repositories that the job names
   */
  public ImageSource(
      RegistryClient registry,
      ImageStore images,
      ImageReader reader,
      LayerCatalog catalog,
      LayerFetches fetches) {
    this.registry = registry;
    this.images = images;
    this.reader = reader;
    this.catalog = catalog;
    this.fetches = fetches;
  }

  /** Where to look for an image. Source: wire facts, {@code image.resolvemode}. */
  public enum Mode {
    /** In the own store first. */
    DEFAULT,
    /** In the registry only. */
    PULL,
    /** In the own store first; jbuild has no other place that would make a difference. */
    LOCAL;

    static Mode of(String text) {
      return switch (text) {
        case "pull" -> PULL;
        case "local" -> LOCAL;
        default -> DEFAULT;
      };
    }
  }

  private record Wanted(ImageRef name, Platform platform, boolean pull) {}

  private sealed interface Found {
    Digest rootDigest();

    Digest manifestDigest();

    ResolvedImage resolved(ImageRef name);
  }

  private record Remote(FoundImage image, Repository repository) implements Found {
    @Override
    public Digest rootDigest() {
      return image.rootDigest();
    }

    @Override
    public Digest manifestDigest() {
      return image.manifestDigest();
    }

    @Override
    public ResolvedImage resolved(ImageRef name) {
      return new ResolvedImage(
          name.withDigest(manifestDigest()).toString(),
          manifestDigest(),
          rootDigest(),
          image.configJson());
    }
  }

  private record Stored(StoredImage image, StoredImage.Variant variant, ImageConfig config)
      implements Found {
    @Override
    public Digest rootDigest() {
      return image.root().digest();
    }

    @Override
    public Digest manifestDigest() {
      return variant.manifest().digest();
    }

    @Override
    public ResolvedImage resolved(ImageRef name) {
      return new ResolvedImage(
          name.withDigest(manifestDigest()).toString(),
          manifestDigest(),
          rootDigest(),
          variant.config());
    }
  }

  @Override
  public String scheme() {
    return "docker-image";
  }

  /**
   * Finds an image and its config.
   *
   * @param reference as users write it, or normalized
   */
  public ResolvedImage resolve(
      String reference, Platform platform, Mode mode, TransferProgress progress)
      throws InterruptedException {
    ImageRef name = parse(reference);
    return find(new Wanted(name, platform.normalized(), mode == Mode.PULL), progress)
        .resolved(name);
  }

  @Override
  public Located locate(SourceRequest request, TransferProgress progress)
      throws InterruptedException {
    ImageRef name = parse(request.rest());
    Mode mode = Mode.of(request.attrs().getOrDefault("image.resolvemode", ""));
    Found found =
        find(new Wanted(name, request.platform().normalized(), mode == Mode.PULL), progress);
    checkDigest(name, found, request.attrs().getOrDefault("image.checksum", ""));
    int limit = LocatedImage.layerLimit(request.attrs().getOrDefault("image.layerlimit", ""));
    return switch (found) {
      case Remote remote -> {
        var blobs = new RepositoryBlobs(registry, remote.repository());
        fetches.offer(this, blobs, progress);
        yield new LocatedImage(remote.image(), blobs.origin(), limit, catalog);
      }
      case Stored stored ->
          new StoredLocation(stored.config().diffIds(), stored.variant().layers(), limit);
    };
  }

  private static void checkDigest(ImageRef name, Found found, String wanted) {
    if (!wanted.isEmpty()
        && !wanted.equals(found.rootDigest().toString())
        && !wanted.equals(found.manifestDigest().toString())) {
      throw new BuildException(
          Code.DATA_LOSS,
          "image '" + name + "' has digest " + found.rootDigest() + ", the build wants " + wanted);
    }
  }

  private static ImageRef parse(String reference) {
    try {
      return ImageRef.parse(reference);
    } catch (IllegalArgumentException e) {
      throw new BuildException(Code.INVALID, String.valueOf(e.getMessage()), e);
    }
  }

  private Found find(Wanted wanted, TransferProgress progress) throws InterruptedException {
    Found before = known.get(wanted);
    if (before != null) {
      return before;
    }
    try {
      return flights.run(
          wanted,
          IOException.class,
          () -> {
            Found again = known.get(wanted);
            return again == null ? keep(wanted, look(wanted, progress)) : again;
          });
    } catch (IOException e) {
      throw new BuildException(
          Code.FAILED, "image '" + wanted.name() + "' cannot be kept: " + e.getMessage(), e);
    }
  }

  /** What a frontend was told stays so, also when another build takes the tag meanwhile. */
  private Found keep(Wanted wanted, Found found) {
    known.put(wanted, found);
    for (Digest told : List.of(found.manifestDigest(), found.rootDigest())) {
      ImageRef pinned = wanted.name().withDigest(told);
      known.putIfAbsent(new Wanted(pinned, wanted.platform(), wanted.pull()), found);
      known.putIfAbsent(new Wanted(pinned, wanted.platform(), false), found);
    }
    return found;
  }

  private Found look(Wanted wanted, TransferProgress progress)
      throws IOException, InterruptedException {
    String id = "resolve " + wanted.name();
    progress.status(id, 0, 0, false);
    Optional<Stored> stored = wanted.pull() ? Optional.empty() : stored(wanted);
    Found found = stored.isPresent() ? stored.get() : remote(wanted, progress);
    progress.status(id, 0, 0, true);
    return found;
  }

  private Remote remote(Wanted wanted, TransferProgress progress)
      throws IOException, InterruptedException {
    ImageRef name = wanted.name();
    var repository = new Repository(name.domain(), name.path());
    var blobs = new RepositoryBlobs(registry, repository);
    Digest digest = name.digest();
    var resolved =
        digest == null
            ? registry.resolveTag(repository, tag(name), progress)
            : new Resolved(digest, "", null);
    FoundImage image =
        reader.read(
            name.familiar(),
            blobs,
            resolved.digest(),
            resolved.body(),
            wanted.platform(),
            progress);
    return new Remote(image, repository);
  }

  private static String tag(ImageRef name) {
    String tag = name.tag();
    return tag == null ? "latest" : tag;
  }

  /** An image of the store, unless a layer of it is gone. */
  private Optional<Stored> stored(Wanted wanted) {
    Optional<StoredImage> image = images.find(wanted.name());
    if (image.isEmpty()) {
      return Optional.empty();
    }
    for (Platform acceptable : wanted.platform().acceptable()) {
      for (StoredImage.Variant variant : image.get().variants()) {
        boolean fits = variant.platform().normalized().sameMachine(acceptable);
        if (fits && variant.layers().stream().allMatch(l -> catalog.facts(l).isPresent())) {
          return config(variant).map(config -> new Stored(image.get(), variant, config));
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<ImageConfig> config(StoredImage.Variant variant) {
    try {
      return Optional.of(ImageConfigJson.read(variant.config()));
    } catch (OciFormatException e) {
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    fetches.end(this);
  }
}
