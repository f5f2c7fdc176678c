package dev.jbuild.content;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;

/** A blob under its temporary name. For one thread. */
final class BlobIngest implements ContentStore.Ingest {
  private final Path blobs;
  private final Path temporary;
  private final FileChannel channel;
  private final MessageDigest hash = Digest.sha256();
  private long written;
  private boolean ended;

  BlobIngest(Path blobs, Path temporary) throws IOException {
    this.blobs = blobs;
    this.temporary = temporary;
    try {
      this.channel =
          FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw DiskFull.orSame(temporary, e);
    }
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    hash.update(bytes, offset, length);
    ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
    try {
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
    } catch (IOException e) {
      throw DiskFull.orSame(temporary, e);
    }
    written += length;
  }

  @Override
  public long written() {
    return written;
  }

  @Override
  public Digest commit() throws IOException {
    Digest digest = Digest.ofHash(hash.digest());
    publish(digest);
    return digest;
  }

  @Override
  public void commit(Digest expected) throws IOException {
    Digest digest = Digest.ofHash(hash.digest());
    if (!digest.equals(expected)) {
      close();
      throw new BuildException(
          Code.DATA_LOSS,
          "blob " + expected + ": the " + written + " bytes received have the digest " + digest);
    }
    publish(digest);
  }

  private void publish(Digest digest) throws IOException {
    if (ended) {
      throw new IllegalStateException("blob " + digest + " is committed or closed already");
    }
    Path target = blobs.resolve(digest.hex());
    try {
      channel.force(true);
      channel.close();
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
      try (FileChannel directory = FileChannel.open(blobs, StandardOpenOption.READ)) {
        directory.force(true); // the name, too, must survive a loss of power
      }
    } catch (IOException e) {
      throw DiskFull.orSame(target, e);
    }
    ended = true;
  }

  @Override
  public void close() throws IOException {
    if (ended) {
      return;
    }
    ended = true;
    try (channel) {
      Files.deleteIfExists(temporary);
    }
  }
}
