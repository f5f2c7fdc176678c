package dev.jbuild.daemon.session.store;

import dev.jbuild.export.LayoutIndex;
import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.Digest;
import dev.jbuild.oci.ImageRef;
import dev.jbuild.session.direct.DirectoryLayouts;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * An OCI layout directory of the client that takes blobs from a daemon; what else is in it stays.
 * Blobs are checked before they get their names, and are removed again when this is closed before
 * the image was named. Safe for use by several threads: its lock guards the list of blobs.
 */
public final class IncomingLayout implements AutoCloseable {
  private final Path directory;
  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<Path> added = new ArrayDeque<>();

  /**
   * @param directory exists
   */
  public IncomingLayout(Path directory) {
    this.directory = directory;
  }

  boolean has(Digest digest) {
    return Files.isRegularFile(DirectoryLayouts.blob(directory, digest), LinkOption.NOFOLLOW_LINKS);
  }

  /** Begins a blob; its bytes lie beside the others under a name that is no digest. */
  Writing begin(Digest digest, long sizeBytes) throws IOException {
    Path target = DirectoryLayouts.blob(directory, digest);
    Path blobs = Files.createDirectories(directory.resolve("blobs").resolve("sha256"));
    return new Writing(target, Files.createTempFile(blobs, ".", ".part"), digest, sizeBytes);
  }

  /** A blob that comes. For one thread. */
  final class Writing implements AutoCloseable {
    private final Path target;
    private final Path part;
    private final Digest digest;
    private final long sizeBytes;
    private final FileChannel out;
    private final MessageDigest hash;
    private long written;

    private Writing(Path target, Path part, Digest digest, long sizeBytes) throws IOException {
      this.target = target;
      this.part = part;
      this.digest = digest;
      this.sizeBytes = sizeBytes;
      this.out = FileChannel.open(part, StandardOpenOption.WRITE);
      try {
        this.hash = MessageDigest.getInstance("SHA-256");
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every JDK has SHA-256", e);
      }
    }

    long written() {
      return written;
    }

    /** Takes the next bytes, of which there are no more than were announced. */
    void write(ByteBuffer bytes) throws IOException {
      if (bytes.remaining() > sizeBytes - written) {
        throw new IOException(
            "blob " + digest + ": more bytes came than the " + sizeBytes + " that were announced");
      }
      hash.update(bytes.duplicate());
      while (bytes.hasRemaining()) {
        written += out.write(bytes);
      }
    }

    /** Gives the blob its name when it is what was announced. */
    void commit() throws IOException {
      if (written != sizeBytes) {
        throw new IOException(
            "blob " + digest + ": " + written + " bytes came, " + sizeBytes + " were announced");
      }
      String found = HexFormat.of().formatHex(hash.digest());
      if (!found.equals(digest.hex())) {
        throw new IOException("blob " + digest + ": the bytes that came have digest " + found);
      }
      out.close();
      lock.lock();
      try {
        if (!Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
          added.push(target);
        }
        Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void close() throws IOException {
      out.close();
      Files.deleteIfExists(part);
    }
  }

  /**
   * Enters an image into {@code index.json}; the blobs stay then.
   *
   * @param root has come
   */
  public void name(Descriptor root, List<ImageRef> names) throws IOException {
    if (!has(root.digest())) {
      throw new NoSuchFileException(
          directory.toString(), null, "the daemon has not sent the image " + root.digest());
    }
    LayoutIndex.add(directory, root, names);
    lock.lock();
    try {
      added.clear();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() throws IOException {
    lock.lock();
    try {
      for (Path blob : added) {
        Files.deleteIfExists(blob);
      }
      added.clear();
    } finally {
      lock.unlock();
    }
  }
}
