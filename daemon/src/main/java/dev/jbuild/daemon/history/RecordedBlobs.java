package dev.jbuild.daemon.history;

import dev.jbuild.content.ContentStore;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.Digest;
import dev.jbuild.oci.Index;
import dev.jbuild.oci.Manifest;
import dev.jbuild.oci.MediaType;
import dev.jbuild.oci.json.DocumentJson;
import dev.jbuild.oci.json.JsonText;
import dev.jbuild.oci.json.OciFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The blobs that records point to: their own sections, and the documents of the images that were
 * made: index, manifests, configs, attestations. Layers and what no record names are not given out.
 */
public final class RecordedBlobs {
  private static final String ATTESTATION = "application/vnd.in-toto+json";
  private static final int DEPTH = 2;

  private final BuildHistory history;
  private final ContentStore content;

  public RecordedBlobs(BuildHistory history, ContentStore content) {
    this.history = history;
    this.content = content;
  }

  /** Opens a blob; the caller closes it. Empty when no record points to it, or it is gone. */
  public Optional<StoredBlob> open(Digest digest) throws InterruptedException, IOException {
    Optional<StoredBlob> section = history.open(digest);
    if (section.isPresent()) {
      return section;
    }
    for (BuildRecord record : history.records()) {
      Optional<Descriptor> image = ImageAnswer.of(record);
      if (image.isPresent() && reaches(image.get(), digest, DEPTH)) {
        return stored(digest);
      }
    }
    return Optional.empty();
  }

  /** What is there, without the insides of images: digests with their sizes. */
  public List<Descriptor> list() throws InterruptedException {
    var all = new ArrayList<Descriptor>();
    for (BuildRecord record : history.records()) {
      for (Section section : record.sections()) {
        var type = new MediaType(section.kind().mediaType());
        all.add(new Descriptor(type, section.digest(), section.size()));
      }
      image(record).ifPresent(all::add);
    }
    return all;
  }

  /**
   * The top manifest or index that a build made, while it is here: an archive's is not kept, and an
   * image may have been deleted.
   */
  public Optional<Descriptor> image(BuildRecord record) {
    return ImageAnswer.of(record).filter(image -> content.size(image.digest()).isPresent());
  }

  private boolean reaches(Descriptor from, Digest wanted, int depth) throws IOException {
    if (from.digest().equals(wanted)) {
      return true;
    }
    if (depth == 0 || from.sizeBytes() > JsonText.MAX_BYTES) {
      return false;
    }
    for (Descriptor child : children(from)) {
      if (reaches(child, wanted, depth - 1)) {
        return true;
      }
    }
    return false;
  }

  private List<Descriptor> children(Descriptor document) throws IOException {
    Optional<StoredBlob> stored = stored(document.digest());
    if (stored.isEmpty()) {
      return List.of();
    }
    try (StoredBlob blob = stored.get()) {
      int size = (int) Math.min(blob.size(), JsonText.MAX_BYTES);
      return switch (DocumentJson.read(Bytes.copyOf(blob.read(0, size)))) {
        case Index index -> index.manifests();
        case Manifest manifest -> {
          var parts = new ArrayList<Descriptor>(List.of(manifest.config()));
          manifest.layers().stream()
              .filter(layer -> layer.mediaType().value().equals(ATTESTATION))
              .forEach(parts::add);
          yield parts;
        }
      };
    } catch (OciFormatException e) {
      return List.of(); // a config, or a blob of another kind
    }
  }

  private Optional<StoredBlob> stored(Digest digest) throws IOException {
    try {
      return Optional.of(new ChannelBlob(content.open(digest)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** A blob of the content store; for one thread. */
  private record ChannelBlob(SeekableByteChannel channel, long size) implements StoredBlob {
    ChannelBlob(SeekableByteChannel channel) throws IOException {
      this(channel, channel.size());
    }

    @Override
    public byte[] read(long from, int length) throws IOException {
      ByteBuffer buffer = ByteBuffer.allocate(length);
      channel.position(from);
      while (buffer.hasRemaining()) {
        if (channel.read(buffer) < 0) {
          throw new IOException("a blob became shorter");
        }
      }
      return buffer.array();
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
