package dev.jbuild.daemon.history;

import java.io.IOException;

/** A blob that is open for reading. */
public interface StoredBlob extends AutoCloseable {
  long size();

  /**
   * Bytes of the blob, all that were asked for.
   *
   * @throws IOException also when the blob has not so many
   */
  byte[] read(long from, int length) throws IOException;

  @Override
  void close() throws IOException;
}
