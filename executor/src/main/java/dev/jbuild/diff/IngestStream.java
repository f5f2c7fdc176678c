package dev.jbuild.diff;

import dev.jbuild.content.ContentStore;
import java.io.IOException;
import java.io.OutputStream;

/** A blob being written, as a stream; closing it commits nothing. */
final class IngestStream extends OutputStream {
  private final ContentStore.Ingest ingest;

  IngestStream(ContentStore.Ingest ingest) {
    this.ingest = ingest;
  }

  @Override
  public void write(int b) throws IOException {
    ingest.write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    ingest.write(bytes, offset, length);
  }
}
