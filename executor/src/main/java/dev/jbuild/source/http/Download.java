package dev.jbuild.source.http;

import dev.jbuild.oci.Digest;
import dev.jbuild.snapshot.LayerId;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * What a URL was when it was last read.
 *
 * @param etag as the server sent it, or empty
 * @param lastModified as the server sent it, or empty
 * @param name by the server or the URL
 * @param layer that has the file, under {@code fileName}
 */
record Download(
    String etag,
    String lastModified,
    long modifiedMillis,
    Digest digest,
    String name,
    LayerId layer,
    String fileName) {
  private static final int VERSION = 1;

  byte[] toBytes() {
    var bytes = new ByteArrayOutputStream();
    try (var out = new DataOutputStream(bytes)) {
      out.writeByte(VERSION);
      out.writeUTF(etag);
      out.writeUTF(lastModified);
      out.writeLong(modifiedMillis);
      out.writeUTF(digest.hex());
      out.writeUTF(name);
      out.writeUTF(layer.value());
      out.writeUTF(fileName);
    } catch (IOException e) {
      throw new UncheckedIOException("memory does not fail", e);
    }
    return bytes.toByteArray();
  }

  /**
   * @throws IOException when these are no such bytes
   */
  static Download read(byte[] bytes) throws IOException {
    try (var in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      if (in.readByte() != VERSION) {
        throw new IOException("download record of another version");
      }
      return new Download(
          in.readUTF(),
          in.readUTF(),
          in.readLong(),
          new Digest(in.readUTF()),
          in.readUTF(),
          new LayerId(in.readUTF()),
          in.readUTF());
    } catch (IllegalArgumentException e) {
      throw new IOException("download record is damaged", e);
    }
  }
}
