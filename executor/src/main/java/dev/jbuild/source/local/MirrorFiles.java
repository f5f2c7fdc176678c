package dev.jbuild.source.local;

import dev.jbuild.content.DiskFull;
import dev.jbuild.linux.FileStat;
import dev.jbuild.linux.Kernel;
import dev.jbuild.oci.Digest;
import dev.jbuild.session.FileSync;
import dev.jbuild.session.SentAttributes;
import dev.jbuild.snapshot.Metadata;
import dev.jbuild.snapshot.NodeWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;

/** The files of one mirror, by number. Written once, never changed. Thread-safe. */
final class MirrorFiles {
  private static final int FAN_OUT = 64;
  private static final int BUFFER_BYTES = 1 << 17;
  private static final int SMALL_BYTES = 512;
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  /** A file this young may change again within the same tick of the file system's clock. */
  private static final long SETTLE_NANOS = 100_000_000L;

  private final Path root;
  private final Kernel kernel;
  private final InstantSource clock;

  MirrorFiles(Path root, Kernel kernel, InstantSource clock) {
    this.root = root;
    this.kernel = kernel;
    this.clock = clock;
  }

  Path root() {
    return root;
  }

  void create() throws IOException {
    for (int i = 0; i < FAN_OUT; i++) {
      Files.createDirectories(root.resolve(Integer.toString(i)));
    }
  }

  Path path(long id) {
    return root.resolve(id % FAN_OUT + "/" + id);
  }

  /** Receives one file, hashing it on the way. */
  Received.Content receive(long id, FileSync.Entry entry, ReadableByteChannel from)
      throws IOException {
    Path path = path(id);
    MessageDigest hash = Digest.sha256();
    long size = 0;
    Instant started = clock.instant();
    try (FileChannel to =
        FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer buffer = buffer(entry);
      while (from.read(buffer) >= 0) {
        if (buffer.hasRemaining()) {
          continue; // fill it first: fewer and larger writes
        }
        size += write(buffer, to, hash);
      }
      size += write(buffer, to, hash);
    } catch (IOException e) {
      throw DiskFull.orSame(path, e);
    }
    describe(path, entry);
    long inode = kernel.stat(path).inode();
    boolean unsettled = size != entry.sizeBytes() || isYoung(entry, started);
    return new Received.Content(id, inode, size, Digest.ofHash(hash.digest()), unsettled);
  }

  private void describe(Path path, FileSync.Entry entry) throws IOException {
    int permissions = entry.mode() & 07777;
    if (entry.uid() == 0 && entry.gid() == 0 && entry.attributes().isEmpty()) {
      kernel.changeMode(path, permissions);
      kernel.changeTimes(path, entry.modifiedNanos(), entry.modifiedNanos());
      return;
    }
    var metadata =
        new Metadata(
            entry.uid(),
            entry.gid(),
            permissions,
            entry.modifiedNanos(),
            SentAttributes.arrays(entry.attributes()));
    new NodeWriter(kernel).apply(metadata, FileStat.REGULAR, path);
  }

  private static boolean isYoung(FileSync.Entry entry, Instant started) {
    long nanos = started.getEpochSecond() * NANOS_PER_SECOND + started.getNano();
    return entry.modifiedNanos() > nanos - SETTLE_NANOS;
  }

  private static ByteBuffer buffer(FileSync.Entry entry) {
    // One byte more than the file has shows the end without another round.
    int bytes = Math.clamp(entry.sizeBytes() + 1, SMALL_BYTES, BUFFER_BYTES);
    // To make a direct one costs more than a small file's detour over the heap.
    return bytes == BUFFER_BYTES ? ByteBuffer.allocateDirect(bytes) : ByteBuffer.allocate(bytes);
  }

  private static long write(ByteBuffer buffer, FileChannel to, MessageDigest hash)
      throws IOException {
    buffer.flip();
    int size = buffer.remaining();
    hash.update(buffer.duplicate());
    while (buffer.hasRemaining()) {
      to.write(buffer);
    }
    buffer.clear();
    return size;
  }

  void delete(Set<Long> ids) throws IOException {
    for (long id : ids) {
      Files.deleteIfExists(path(id));
    }
  }

  /** Deletes what no index knows, which a killed process left behind. */
  void deleteAllBut(Set<Long> known) throws IOException {
    for (int i = 0; i < FAN_OUT; i++) {
      Path directory = root.resolve(Integer.toString(i));
      String[] names = directory.toFile().list();
      for (String name : names == null ? new String[0] : names) {
        if (!known.contains(Long.parseLong(name))) {
          Files.deleteIfExists(directory.resolve(name));
        }
      }
    }
  }
}
