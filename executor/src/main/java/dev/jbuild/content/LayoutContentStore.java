package dev.jbuild.content;

import dev.jbuild.oci.Digest;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Blobs in an OCI image layout: {@code <root>/blobs/sha256/<hex>}, written under {@code
 * <root>/tmp}. One process at a time uses a root. Source: OCI image-spec, image-layout.md.
 */
public final class LayoutContentStore implements ContentStore {
  private static final String TEMPORARY_PREFIX = "blob-";

  private final Path root;
  private final Path blobs;
  private final Path temporary;
  private final UseWatch watch;
  private final AtomicLong counter = new AtomicLong();

  /**
   * @param root state directory; {@link #open} makes what is missing
   */
  public LayoutContentStore(Path root) {
    this(root, UseWatch.NOBODY);
  }

  /**
   * @param watch told of the blobs that are used
   */
  public LayoutContentStore(Path root, UseWatch watch) {
    this.root = root;
    this.watch = watch;
    this.blobs = root.resolve("blobs").resolve("sha256");
    this.temporary = root.resolve("tmp");
  }

  /** Makes the directories and removes what a killed process left half written. */
  public void open() throws IOException {
    try {
      Files.createDirectories(blobs);
      Files.createDirectories(temporary);
      Path marker = root.resolve("oci-layout");
      if (!Files.exists(marker)) {
        Files.write(marker, "{\"imageLayoutVersion\":\"1.0.0\"}".getBytes(StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      throw DiskFull.orSame(root, e);
    }
    try (DirectoryStream<Path> leftovers =
        Files.newDirectoryStream(temporary, TEMPORARY_PREFIX + "*")) {
      for (Path leftover : leftovers) {
        Files.deleteIfExists(leftover);
      }
    }
  }

  @Override
  public OptionalLong size(Digest digest) {
    watch.used("blob:" + digest.hex());
    try {
      var attributes = Files.readAttributes(path(digest), BasicFileAttributes.class);
      return attributes.isRegularFile() ? OptionalLong.of(attributes.size()) : OptionalLong.empty();
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }

  @Override
  public SeekableByteChannel open(Digest digest) throws IOException {
    watch.used("blob:" + digest.hex());
    try {
      return FileChannel.open(path(digest), StandardOpenOption.READ);
    } catch (NoSuchFileException e) {
      throw new NoSuchFileException(path(digest).toString(), null, "blob is not in the store");
    }
  }

  @Override
  public Ingest ingest() throws IOException {
    return new BlobIngest(blobs, temporary.resolve(TEMPORARY_PREFIX + counter.incrementAndGet()));
  }

  @Override
  public void delete(Digest digest) throws IOException {
    Files.deleteIfExists(path(digest));
  }

  /** A blob of the store. */
  public record Blob(Digest digest, long sizeBytes, Instant made) {}

  /** All blobs, as they are now; no use of them. */
  public List<Blob> blobs() throws IOException {
    var all = new ArrayList<Blob>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(blobs)) {
      for (Path entry : entries) {
        try {
          var attributes = Files.readAttributes(entry, BasicFileAttributes.class);
          all.add(
              new Blob(
                  new Digest(String.valueOf(entry.getFileName())),
                  attributes.size(),
                  attributes.lastModifiedTime().toInstant()));
        } catch (NoSuchFileException | IllegalArgumentException e) {
          // Gone meanwhile, or somebody else's file.
        }
      }
    }
    return all;
  }

  private Path path(Digest digest) {
    return blobs.resolve(digest.hex());
  }
}
