package dev.jbuild.source;

import dev.jbuild.content.ContentStore;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.Digest;
import dev.jbuild.oci.ImageConfig;
import dev.jbuild.oci.Index;
import dev.jbuild.oci.Manifest;
import dev.jbuild.oci.MediaType;
import dev.jbuild.oci.OciDocument;
import dev.jbuild.oci.Platform;
import dev.jbuild.oci.json.DocumentJson;
import dev.jbuild.oci.json.ImageConfigJson;
import dev.jbuild.oci.json.OciFormatException;
import dev.jbuild.registry.TransferProgress;
import java.io.IOException;
import java.nio.channels.Channels;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Reads an image's documents from a place and chooses the one for a platform. Documents are kept in
 * the content store, so that a digest is asked for once. Safe for use by several threads.
 */
public final class ImageReader {
  private static final int MAX_DOCUMENT_BYTES = 4 * 1024 * 1024;
  private static final int MAX_DEPTH = 3;

  private final ContentStore content;

  public ImageReader(ContentStore content) {
    this.content = content;
  }

  /**
   * Reads the image that a digest stands for.
   *
   * @param name for error texts
   * @param body of the document if it is at hand already, verified
   */
  public FoundImage read(
      String name,
      ImageBlobs from,
      Digest root,
      @Nullable Bytes body,
      Platform platform,
      TransferProgress progress)
      throws IOException, InterruptedException {
    var lookup = new Lookup(name, from, root, platform, progress);
    Bytes document = body == null ? lookup.document(root) : keep(body);
    FoundImage found = lookup.choose(root, document, 1);
    if (found == null) {
      throw new BuildException(
          Code.NOT_FOUND,
          "image '" + name + "' is not there for " + platform + lookup.offered(document));
    }
    return found;
  }

  private Bytes keep(Bytes body) throws IOException {
    if (content.size(body.digest()).isEmpty()) {
      try (ContentStore.Ingest ingest = content.ingest()) {
        ingest.write(body.toArray(), 0, body.size());
        ingest.commit(body.digest());
      }
    }
    return body;
  }

  /** A small blob of the store. */
  private Bytes load(Digest digest) throws IOException {
    try (var in = Channels.newInputStream(content.open(digest))) {
      return Bytes.copyOf(in.readNBytes(MAX_DOCUMENT_BYTES));
    }
  }

  /** One search, with what its error texts need. */
  private final class Lookup {
    private final String name;
    private final ImageBlobs from;
    private final Digest root;
    private final Platform platform;
    private final TransferProgress progress;

    Lookup(
        String name, ImageBlobs from, Digest root, Platform platform, TransferProgress progress) {
      this.name = name;
      this.from = from;
      this.root = root;
      this.platform = platform;
      this.progress = progress;
    }

    Bytes document(Digest digest) throws IOException, InterruptedException {
      OptionalLong size = content.size(digest);
      if (size.isPresent() && size.getAsLong() <= MAX_DOCUMENT_BYTES) {
        return load(digest);
      }
      return keep(from.document(digest, progress));
    }

    /** The image below a document, or null when it has none for the platform. */
    @Nullable FoundImage choose(Digest digest, Bytes document, int depth)
        throws IOException, InterruptedException {
      return switch (parse(digest, document)) {
        case Manifest manifest -> image(digest, manifest);
        case Index index -> {
          if (depth == MAX_DEPTH) {
            throw unusable(digest, "indexes are nested more than " + MAX_DEPTH + " deep", null);
          }
          for (Descriptor candidate : index.candidates(platform)) {
            FoundImage found = choose(candidate.digest(), document(candidate.digest()), depth + 1);
            if (found != null && (candidate.platform() != null || runs(found))) {
              yield found;
            }
          }
          yield null;
        }
      };
    }

    private boolean runs(FoundImage found) {
      return platform.runs(found.config().platform());
    }

    private OciDocument parse(Digest digest, Bytes document) {
      try {
        return DocumentJson.read(document);
      } catch (OciFormatException e) {
        throw unusable(digest, String.valueOf(e.getMessage()), e);
      }
    }

    private FoundImage image(Digest digest, Manifest manifest)
        throws IOException, InterruptedException {
      Descriptor config = manifest.config();
      if (config.mediaType().kind() != MediaType.Kind.CONFIG) {
        throw unusable(
            digest, "its config is of type '" + config.mediaType() + "', so it is no image", null);
      }
      for (Descriptor layer : manifest.layers()) {
        if (layer.mediaType().kind() != MediaType.Kind.LAYER) {
          throw unusable(
              digest,
              "layer " + layer.digest() + " is of type '" + layer.mediaType() + "', want a tar",
              null);
        }
      }
      Bytes json = config(config);
      ImageConfig parsed;
      try {
        parsed = ImageConfigJson.read(json);
      } catch (OciFormatException e) {
        throw unusable(config.digest(), String.valueOf(e.getMessage()), e);
      }
      if (parsed.diffIds().size() != manifest.layers().size()) {
        throw unusable(
            digest,
            "it lists "
                + manifest.layers().size()
                + " layers, its config "
                + parsed.diffIds().size(),
            null);
      }
      return new FoundImage(root, digest, parsed, json, manifest.layers());
    }

    private Bytes config(Descriptor config) throws IOException, InterruptedException {
      if (config.sizeBytes() > MAX_DOCUMENT_BYTES) {
        throw unusable(
            config.digest(),
            "its config has " + config.sizeBytes() + " bytes, at most 4 MiB",
            null);
      }
      Bytes inline = config.data();
      if (inline != null) {
        return inline;
      }
      if (content.size(config.digest()).isEmpty()) {
        from.bring(config, content, progress);
      }
      return load(config.digest());
    }

    private BuildException unusable(Digest digest, String why, @Nullable Throwable cause) {
      return new BuildException(
          Code.DATA_LOSS, "image '" + name + "' is not usable: " + digest + ": " + why, cause);
    }

    String offered(Bytes document) {
      List<Platform> platforms =
          parse(root, document) instanceof Index index ? index.platforms() : List.of();
      return platforms.isEmpty()
          ? ""
          : ", it offers "
              + String.join(", ", platforms.stream().map(Platform::toString).distinct().toList());
    }
  }
}
