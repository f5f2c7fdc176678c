package dev.jbuild.registry;

import dev.jbuild.content.ContentStore;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Brings one blob from one host into the store: hashed and counted as it arrives, taken up again
 * where a connection broke. Used by one thread, which closes it.
 */
final class BlobPull implements Transport.Exchange<Boolean>, AutoCloseable {
  private static final int BUFFER = 64 * 1024;

  private final Repository repository;
  private final Digest digest;
  private final long sizeBytes;
  private final ContentStore store;
  private final TransferProgress progress;
  private ContentStore.@Nullable Ingest ingest;

  /**
   * @param sizeBytes of the whole blob, as the manifest says
   */
  BlobPull(
      Repository repository,
      Digest digest,
      long sizeBytes,
      ContentStore store,
      TransferProgress progress) {
    this.repository = repository;
    this.digest = digest;
    this.sizeBytes = sizeBytes;
    this.store = store;
    this.progress = progress;
  }

  /** Pulls; the blob is in the store afterwards. */
  void run(Transport transport, Endpoint endpoint) throws IOException, InterruptedException {
    try {
      if (!transport.run(endpoint, this, progress)) {
        throw new IllegalStateException("a pull that does not fail has all bytes");
      }
      commit(endpoint);
    } catch (UncheckedIOException e) {
      throw new IOException("blob " + digest + " cannot be stored: " + e.getMessage(), e);
    }
  }

  private void commit(Endpoint endpoint) throws IOException {
    try {
      open().commit(digest);
    } catch (BuildException e) {
      if (e.code() != Code.DATA_LOSS) {
        throw e;
      }
      throw new BuildException(
          Code.DATA_LOSS,
          "registry '"
              + endpoint.host()
              + "', repository '"
              + repository.path()
              + "': "
              + e.message()
              + ": the image is damaged, or the registry lies",
          e);
    }
  }

  @Override
  public Transport.Call call() {
    long have = written();
    Map<String, String> headers =
        have > 0
            ? Map.of("Accept", "*/*", "Range", "bytes=" + have + "-")
            : Map.of("Accept", "*/*");
    return new Transport.Call(
        "GET", repository, "blobs/" + digest, headers, have > 0 ? Set.of(206, 416) : Set.of());
  }

  @Override
  public Boolean read(Answer answer) throws IOException {
    if (answer.status() == 416) {
      drop(); // it says that there is no more than what is here: start over
      throw new IOException("the range was refused");
    }
    if (answer.status() == 200 || !continues(answer)) {
      drop();
      if (answer.status() == 206) {
        throw new IOException("another range was sent than was asked for");
      }
    }
    OptionalLong length = answer.length();
    if (length.isPresent() && written() + length.getAsLong() != sizeBytes) {
      throw wrongSize(answer, written() + length.getAsLong());
    }
    copy(answer);
    return true;
  }

  private boolean continues(Answer answer) {
    return answer.header("content-range").startsWith("bytes " + written() + "-");
  }

  private void copy(Answer answer) throws IOException {
    String id = digest.toString();
    var buffer = new byte[BUFFER];
    while (true) {
      int count = answer.body().read(buffer);
      if (count < 0) {
        break;
      }
      if (written() + count > sizeBytes) {
        throw wrongSize(answer, written() + count);
      }
      store(buffer, count);
      progress.status(id, written(), sizeBytes, false);
    }
    if (written() != sizeBytes) {
      throw wrongSize(answer, written());
    }
  }

  /** A full disk is no reason to ask the registry again. */
  private void store(byte[] bytes, int count) {
    try {
      open().write(bytes, 0, count);
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  private BuildException wrongSize(Answer answer, long bytes) {
    return new BuildException(
        Code.DATA_LOSS,
        "GET "
            + Answer.redact(answer.url())
            + ": the blob has "
            + (bytes > sizeBytes ? "at least " : "")
            + bytes
            + " bytes, its manifest says "
            + sizeBytes
            + ": the image is damaged, or the registry lies");
  }

  private long written() {
    return ingest == null ? 0 : ingest.written();
  }

  private ContentStore.Ingest open() {
    if (ingest == null) {
      try {
        ingest = store.ingest();
      } catch (IOException e) {
        throw new UncheckedIOException(e.getMessage(), e);
      }
    }
    return ingest;
  }

  private void drop() throws IOException {
    if (ingest != null) {
      ingest.close();
      ingest = null;
    }
  }

  @Override
  public void close() throws IOException {
    drop();
  }
}
