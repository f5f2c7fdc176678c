package dev.jbuild.registry;

import dev.jbuild.content.ContentStore;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Descriptor;
import java.io.ByteArrayInputStream;
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
 * Sends one blob: lets the registry take it from another repository, or asks for a place and puts
 * it there whole. A place is used once, since what a broken upload left there is not known. Used by
 * one thread. Source: distribution-spec 1.1, "Pushing blobs".
 */
final class BlobUpload implements Transport.Exchange<Boolean> {
  private static final String UPLOADS = "blobs/uploads/";

  private final Repository repository;
  private final Endpoint endpoint;
  private final Descriptor blob;
  private final @Nullable Bytes bytes;
  private final @Nullable Repository mountFrom;
  private final RegistryPush.@Nullable Arrival arrival;
  private final ContentStore store;
  private final TransferProgress progress;
  private @Nullable URI place;
  private boolean putting;

  BlobUpload(
      Repository repository,
      Endpoint endpoint,
      RegistryPush.Blob blob,
      ContentStore store,
      TransferProgress progress) {
    this.repository = repository;
    this.endpoint = endpoint;
    this.blob = blob.descriptor();
    this.bytes = blob.bytes();
    this.mountFrom = blob.mountFrom();
    this.arrival = blob.arrival();
    this.store = store;
    this.progress = progress;
  }

  /** Sends it, unless the registry has it. */
  void run(Transport transport) throws InterruptedException {
    if (transport.run(endpoint, new Known(repository, blob), progress)
        || (mountFrom != null && mounted(transport, mountFrom))) {
      return;
    }
    if (arrival != null) {
      bring(arrival);
    }
    // Ends: a place leads to a put, which succeeds or uses up one of the tries.
    Retries retries = transport.retries(progress);
    boolean there;
    do {
      there = transport.run(endpoint, this, retries, progress);
    } while (!there);
  }

  /** Only now is it known that the registry has to be given it. */
  private void bring(RegistryPush.Arrival from) throws InterruptedException {
    try {
      from.await();
    } catch (IOException e) {
      throw new BuildException(
          Code.FAILED, "blob " + blob.digest() + " can not be stored: " + e.getMessage(), e);
    }
  }

  private boolean mounted(Transport transport, Repository from) throws InterruptedException {
    try {
      return transport.run(endpoint, new Mount(from), progress);
    } catch (BuildException e) {
      if (e.code() != Code.UNAUTHENTICATED) {
        throw e;
      }
      return false; // the token server does not let this user read there
    }
  }

  @Override
  public Transport.Call call() {
    URI to = place;
    place = null;
    putting = to != null;
    if (to == null) {
      return new Transport.Call(
          "POST", repository, UPLOADS, Map.of(), Set.of(202), Transport.Sent.NOTHING);
    }
    if (bytes == null && store.size(blob.digest()).isEmpty()) {
      throw new BuildException(
          Code.NOT_FOUND,
          "blob " + blob.digest() + " is no longer in the store, it was removed meanwhile");
    }
    String text = to.toString();
    String joint = to.getRawQuery() == null ? "?" : "&";
    URI target = URI.create(text + joint + "digest=" + blob.digest());
    var body =
        BodyPublishers.fromPublisher(BodyPublishers.ofInputStream(this::open), blob.sizeBytes());
    return new Transport.Call(
        "PUT",
        repository,
        UPLOADS,
        Map.of("Content-Type", "application/octet-stream"),
        Set.of(201, 204),
        new Transport.Sent(body, blob.sizeBytes(), target, null));
  }

  @Override
  public Boolean read(Answer answer) {
    if (!putting) {
      place = Transport.target(endpoint, answer.url(), answer);
    }
    return putting;
  }

  private InputStream open() {
    try {
      return new Counted(
          bytes == null
              ? Channels.newInputStream(store.open(blob.digest()))
              : new ByteArrayInputStream(bytes.toArray()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Tells how much was read. */
  private final class Counted extends FilterInputStream {
    private long count;

    Counted(InputStream in) {
      super(in);
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int more = super.read(buffer, offset, length);
      if (more > 0) {
        count += more;
        progress.status("pushing layer " + blob.digest(), count, blob.sizeBytes(), false);
      }
      return more;
    }
  }

  /** Asks the registry to take the blob from another repository; it may offer a place instead. */
  private final class Mount implements Transport.Exchange<Boolean> {
    private final Repository from;

    Mount(Repository from) {
      this.from = from;
    }

    @Override
    public Transport.Call call() {
      return new Transport.Call(
          "POST",
          repository,
          UPLOADS + "?mount=" + blob.digest() + "&from=" + from.path(),
          Map.of(),
          // A registry that refuses this may take an upload, or then says why not.
          Set.of(201, 202, 400, 401, 403, 404, 405),
          new Transport.Sent(BodyPublishers.noBody(), 0, null, from));
    }

    @Override
    public Boolean read(Answer answer) {
      if (answer.status() == 202) {
        place = Transport.target(endpoint, answer.url(), answer);
      }
      return answer.status() == 200 || answer.status() == 201;
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
          // A refusal of HEAD carries no words: that of the upload does.
          Set.of(400, 403, 404, 405),
          Transport.Sent.NOTHING);
    }

    @Override
    public Boolean read(Answer answer) {
      return answer.status() == 200;
    }
  }
}
