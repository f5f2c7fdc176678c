package dev.jbuild.source.layout;

import dev.jbuild.content.ContentStore;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.Digest;
import dev.jbuild.registry.TransferProgress;
import dev.jbuild.session.LayoutAccess;
import dev.jbuild.source.ImageBlobs;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.util.OptionalLong;

/** The blobs of a layout, which is as little trusted as a registry. */
record LayoutBlobs(String store, LayoutAccess.Store layout) implements ImageBlobs {
  private static final int MAX_DOCUMENT_BYTES = 4 * 1024 * 1024;
  private static final int BUFFER = 64 * 1024;

  @Override
  public String origin() {
    return "oci-layout://" + store;
  }

  @Override
  public Bytes document(Digest digest, TransferProgress progress) throws IOException {
    Bytes body = small(() -> layout.blob(digest), "blob " + digest);
    if (!body.digest().equals(digest)) {
      throw damaged(digest, "its content has digest " + body.digest());
    }
    return body;
  }

  /** What its images are called. */
  Bytes index() throws IOException {
    return small(layout::index, "index.json");
  }

  /** Opens a piece of the layout. */
  private interface Piece {
    InputStream open() throws IOException;
  }

  private Bytes small(Piece piece, String what) throws IOException {
    try (InputStream in = piece.open()) {
      byte[] bytes = in.readNBytes(MAX_DOCUMENT_BYTES + 1);
      if (bytes.length > MAX_DOCUMENT_BYTES) {
        throw new BuildException(
            Code.RESOURCE_EXHAUSTED,
            "oci layout '" + store + "': " + what + " is larger than 4 MiB, which is refused");
      }
      return Bytes.copyOf(bytes);
    } catch (NoSuchFileException e) {
      throw new BuildException(
          Code.NOT_FOUND,
          "oci layout '" + store + "': " + what + " is missing: is the directory complete?",
          e);
    }
  }

  @Override
  public void bring(Descriptor blob, ContentStore content, TransferProgress progress)
      throws IOException {
    bring(blob.digest(), OptionalLong.of(blob.sizeBytes()), content, progress);
  }

  /**
   * The same for a blob of which only the digest may be known.
   *
   * @param size in bytes
   */
  void bring(Digest digest, OptionalLong size, ContentStore content, TransferProgress progress)
      throws IOException {
    if (content.size(digest).isPresent()) {
      return;
    }
    String id = digest.toString();
    long most = size.orElse(Long.MAX_VALUE);
    try (InputStream in = layout.blob(digest);
        ContentStore.Ingest ingest = content.ingest()) {
      var buffer = new byte[BUFFER];
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        ingest.write(buffer, 0, count);
        if (ingest.written() > most) {
          break;
        }
        progress.status(id, ingest.written(), size.orElse(0), false);
      }
      if (size.isPresent() && ingest.written() != size.getAsLong()) {
        throw damaged(digest, "its size is not " + size.getAsLong() + " bytes");
      }
      ingest.commit(digest);
      progress.status(id, ingest.written(), ingest.written(), true);
    } catch (NoSuchFileException e) {
      throw new BuildException(
          Code.NOT_FOUND,
          "oci layout '"
              + store
              + "': blob "
              + digest
              + " is missing: is the directory"
              + " complete?",
          e);
    }
  }

  private BuildException damaged(Digest digest, String why) {
    return new BuildException(
        Code.DATA_LOSS,
        "oci layout '" + store + "': blob " + digest + ": " + why + ": the layout is damaged");
  }
}
