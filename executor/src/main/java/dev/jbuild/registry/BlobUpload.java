package dev.jbuild.registry;

import dev.jbuild.content.ContentStore;
import dev.jbuild.oci.Descriptor;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.channels.Channels;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Sends one blob: asks for a place, then puts the blob there. A place is used once, since what a
 * broken upload left there is not known. Used by one thread. Source: distribution-spec 1.1,
 * "Pushing blobs".
 */
final class BlobUpload implements Transport.Exchange<Boolean> {
  private static final int ROUNDS = 4;

  private final Repository repository;
  private final Endpoint endpoint;
  private final Descriptor blob;
  private final ContentStore store;
  private final TransferProgress progress;
  private final @Nullable String mountFrom;
  private @Nullable URI place;
  private boolean last;

  /**
   * @param mountFrom path of a repository of this registry that has the blob; null for none
   */
  BlobUpload(
      Repository repository,
      Endpoint endpoint,
      Descriptor blob,
      ContentStore store,
      @Nullable String mountFrom,
      TransferProgress progress) {
    this.repository = repository;
    this.endpoint = endpoint;
    this.blob = blob;
    this.store = store;
    this.mountFrom = mountFrom;
    this.progress = progress;
  }

  /** Sends it, unless the registry has it. */
  void run(Transport transport) throws InterruptedException {
    if (transport.run(endpoint, new Known(repository, blob), progress)) {
      return;
    }
    for (int round = 1; round <= ROUNDS; round++) {
      last = round == ROUNDS;
      if (transport.run(endpoint, this, progress)) {
        return;
      }
    }
    throw new IllegalStateException("the last upload fails or ends");
  }

  @Override
  public Transport.Call call() {
    URI to = place;
    place = null;
    if (to == null) {
      String mount = mountFrom == null ? "" : "?mount=" + blob.digest() + "&from=" + mountFrom;
      return new Transport.Call(
          "POST",
          repository,
          "blobs/uploads/" + mount,
          Map.of(),
          Set.of(201, 202),
          Transport.Sent.NOTHING);
    }
    String text = to.toString();
    String joint = to.getRawQuery() == null ? "?" : "&";
    URI target = URI.create(text + joint + "digest=" + blob.digest());
    var body =
        BodyPublishers.fromPublisher(BodyPublishers.ofInputStream(this::open), blob.sizeBytes());
    return new Transport.Call(
        "PUT",
        repository,
        "blobs/uploads/",
        Map.of("Content-Type", "application/octet-stream"),
        Set.of(201, 204),
        new Transport.Sent(body, blob.sizeBytes(), target, last));
  }

  @Override
  public Boolean read(Answer answer) {
    if (answer.status() != 202) {
      return true; // taken, or mounted
    }
    place = Transport.target(endpoint, answer.url(), answer);
    return false;
  }

  private InputStream open() {
    try {
      return new Counted(Channels.newInputStream(store.open(blob.digest())));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Tells how much was read. */
  private final class Counted extends FilterInputStream {
    private long bytes;

    Counted(InputStream in) {
      super(in);
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int count = super.read(buffer, offset, length);
      if (count > 0) {
        bytes += count;
        progress.status("pushing layer " + blob.digest(), bytes, blob.sizeBytes(), false);
      }
      return count;
    }
  }

  /** Asks whether the registry has a blob. */
  private record Known(Repository repository, Descriptor blob)
      implements Transport.Exchange<Boolean> {
    @Override
    public Transport.Call call() {
      return new Transport.Call(
          "HEAD",
          repository,
          "blobs/" + blob.digest(),
          Map.of(),
          Set.of(404),
          Transport.Sent.NOTHING);
    }

    @Override
    public Boolean read(Answer answer) {
      return answer.status() == 200;
    }
  }
}
