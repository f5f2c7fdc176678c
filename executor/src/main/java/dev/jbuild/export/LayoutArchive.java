package dev.jbuild.export;

import dev.jbuild.content.ContentStore;
import dev.jbuild.diff.TarEntry;
import dev.jbuild.diff.TarWriter;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Digest;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.util.Map;

/**
 * Writes an OCI layout as a tar: entries by name, no times, no owners, so that the same image gives
 * the same bytes.
 */
public final class LayoutArchive {
  private static final int BUFFER = 1 << 17;

  private final ContentStore content;

  public LayoutArchive(ContentStore content) {
    this.content = content;
  }

  /**
   * Writes the tar with its end marker.
   *
   * @param docker whether {@code docker load} shall read it too
   * @param out not closed
   */
  public void write(WrittenImage image, boolean docker, OutputStream out) throws IOException {
    var tar = new TarWriter(out);
    tar.begin(entry("blobs/", TarEntry.Type.DIRECTORY, 0755, 0));
    tar.begin(entry("blobs/sha256/", TarEntry.Type.DIRECTORY, 0755, 0));
    for (Map.Entry<String, Long> blob : image.blobs().entrySet()) {
      var digest = new Digest(blob.getKey());
      Bytes document = image.documents().get(digest);
      if (document == null) {
        tar.begin(blob("blobs/sha256/" + digest.hex(), blob.getValue()));
        copy(digest, blob.getValue(), tar);
      } else {
        small("blobs/sha256/" + digest.hex(), document, tar);
      }
    }
    small("index.json", LayoutFiles.index(LayoutFiles.entries(image.root(), image.names())), tar);
    if (docker) {
      small("manifest.json", LayoutFiles.dockerManifest(image), tar);
    }
    small("oci-layout", LayoutFiles.MARKER, tar);
    tar.finish();
  }

  private void copy(Digest digest, long sizeBytes, TarWriter tar) throws IOException {
    var buffer = new byte[BUFFER];
    try (InputStream in = Channels.newInputStream(content.open(digest))) {
      long left = sizeBytes;
      while (left > 0) {
        int count = in.read(buffer, 0, (int) Math.min(buffer.length, left));
        if (count < 0) {
          throw new EOFException("blob " + digest + " is shorter than " + sizeBytes + " bytes");
        }
        tar.write(buffer, 0, count);
        left -= count;
      }
    }
  }

  private static void small(String name, Bytes content, TarWriter tar) throws IOException {
    tar.begin(blob(name, content.size()));
    tar.write(content.toArray(), 0, content.size());
  }

  private static TarEntry blob(String name, long sizeBytes) {
    return entry(name, TarEntry.Type.REGULAR, 0444, sizeBytes);
  }

  private static TarEntry entry(String name, TarEntry.Type type, int mode, long sizeBytes) {
    return new TarEntry(name, type, mode, 0, 0, sizeBytes, 0, "", 0, 0, Map.of());
  }
}
