package dev.jbuild.registry;

import dev.jbuild.content.ContentStore;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.NoSuchFileException;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A content store in memory that counts what is still being written. */
public final class MemoryStore implements ContentStore {
  private final Map<Digest, byte[]> blobs = new ConcurrentHashMap<>();
  private final AtomicInteger open = new AtomicInteger();
  private final long roomBytes;

  public MemoryStore() {
    this(Long.MAX_VALUE);
  }

  /** A store whose disk is full after some bytes of one blob. */
  public MemoryStore(long roomBytes) {
    this.roomBytes = roomBytes;
  }

  /** Adds a blob. */
  public Digest put(byte[] blob) {
    Digest digest = Digest.of(blob);
    blobs.put(digest, blob.clone());
    return digest;
  }

  public byte[] bytes(Digest digest) {
    byte[] blob = blobs.get(digest);
    if (blob == null) {
      throw new AssertionError("blob " + digest + " is not there");
    }
    return blob.clone();
  }

  /** Whether it has no blob and nothing half written. */
  public boolean isEmpty() {
    return blobs.isEmpty() && open.get() == 0;
  }

  public int count() {
    return blobs.size();
  }

  @Override
  public OptionalLong size(Digest digest) {
    byte[] blob = blobs.get(digest);
    return blob == null ? OptionalLong.empty() : OptionalLong.of(blob.length);
  }

  @Override
  public SeekableByteChannel open(Digest digest) throws IOException {
    byte[] blob = blobs.get(digest);
    if (blob == null) {
      throw new NoSuchFileException(digest.toString());
    }
    return new MemoryChannel(blob);
  }

  @Override
  public Ingest ingest() {
    open.incrementAndGet();
    return new MemoryIngest();
  }

  @Override
  public void delete(Digest digest) {
    blobs.remove(digest);
  }

  private final class MemoryIngest implements Ingest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private boolean closed;

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
      if (bytes.size() + length > roomBytes) {
        throw new IOException("No space left on device");
      }
      bytes.write(from, offset, length);
    }

    @Override
    public long written() {
      return bytes.size();
    }

    @Override
    public Digest commit() {
      return put(bytes.toByteArray());
    }

    @Override
    public void commit(Digest expected) {
      Digest actual = Digest.of(bytes.toByteArray());
      if (!actual.equals(expected)) {
        throw new BuildException(
            Code.DATA_LOSS, "blob has digest " + actual + ", want " + expected);
      }
      put(bytes.toByteArray());
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        open.decrementAndGet();
      }
    }
  }

  private static final class MemoryChannel implements SeekableByteChannel {
    private final byte[] bytes;
    private int at;

    MemoryChannel(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public int read(ByteBuffer target) {
      if (at >= bytes.length) {
        return -1;
      }
      int count = Math.min(target.remaining(), bytes.length - at);
      target.put(bytes, at, count);
      at += count;
      return count;
    }

    @Override
    public int write(ByteBuffer source) {
      throw new UnsupportedOperationException("read only");
    }

    @Override
    public long position() {
      return at;
    }

    @Override
    public SeekableByteChannel position(long position) {
      at = Math.toIntExact(position);
      return this;
    }

    @Override
    public long size() {
      return bytes.length;
    }

    @Override
    public SeekableByteChannel truncate(long size) {
      throw new UnsupportedOperationException("read only");
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }
}
