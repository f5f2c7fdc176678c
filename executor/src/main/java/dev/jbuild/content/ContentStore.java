package dev.jbuild.content;

import dev.jbuild.oci.Digest;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.util.OptionalLong;

/**
 * Blobs by digest. A blob is there completely or not at all: it is written under another name,
 * synced, verified and renamed. Safe for use by several threads.
 */
public interface ContentStore {

  /** Size in bytes, or empty when the blob is not there. */
  OptionalLong size(Digest digest);

  /**
   * Opens a blob for reading; the caller closes it.
   *
   * @throws java.nio.file.NoSuchFileException when the blob is not there
   */
  SeekableByteChannel open(Digest digest) throws IOException;

  /** Starts a blob. The caller closes it. */
  Ingest ingest() throws IOException;

  void delete(Digest digest) throws IOException;

  /** A blob being written; hashed as it is. */
  interface Ingest extends AutoCloseable {
    void write(byte[] bytes, int offset, int length) throws IOException;

    long written();

    /**
     * Makes the blob visible and durable.
     *
     * @return its digest
     */
    Digest commit() throws IOException;

    /**
     * The same, if the bytes have this digest.
     *
     * @throws dev.jbuild.error.BuildException DATA_LOSS when they do not; nothing is kept then
     */
    void commit(Digest expected) throws IOException;

    /** Drops the blob unless it was committed. */
    @Override
    void close() throws IOException;
  }
}
