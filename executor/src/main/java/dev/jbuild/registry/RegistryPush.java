package dev.jbuild.registry;

import dev.jbuild.content.ContentStore;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.Digest;
import dev.jbuild.session.Credentials;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Writes to registries with the rights of one client; mirrors are not asked. Failures are build
 * exceptions that name the request, the registry's words and what to do. Safe for use by several
 * threads. Source: distribution-spec 1.1, "Push".
 */
public final class RegistryPush {
  private static final int UPLOADS = 4;

  private final RegistryConfig config;
  private final boolean insecure;
  private final ContentStore store;
  private final Transport transport;

  /**
   * @param insecure whether each host counts as configured {@code insecure}
   */
  public RegistryPush(
      Http http,
      RegistryConfig config,
      boolean insecure,
      Credentials credentials,
      ContentStore store,
      Clock clock,
      Pause pause) {
    this.config = config;
    this.insecure = insecure;
    this.store = store;
    var tokens = new TokenSource(http, clock, pause);
    this.transport = new Transport(http, new Authority(credentials, tokens, clock), pause);
  }

  /**
   * A blob to be sent.
   *
   * @param bytes its content; null when the store has it
   * @param mountFrom repository of the same registry that may have it; null for none
   * @param arrival brings it to the store when it has to be sent; null where it is there
   */
  public record Blob(
      Descriptor descriptor,
      @Nullable Bytes bytes,
      @Nullable Repository mountFrom,
      @Nullable Arrival arrival) {

    /** One that is there. */
    public Blob(Descriptor descriptor, @Nullable Bytes bytes, @Nullable Repository mountFrom) {
      this(descriptor, bytes, mountFrom, null);
    }
  }

  /** Makes sure that a blob is in the store. */
  public interface Arrival {
    void await() throws IOException, InterruptedException;
  }

  /** Sends blobs that the registry has not: begun in order, several at once. */
  public void blobs(Repository repository, List<Blob> blobs, TransferProgress progress)
      throws InterruptedException {
    var distinct = new LinkedHashMap<Digest, Blob>();
    blobs.forEach(blob -> distinct.putIfAbsent(blob.descriptor().digest(), blob));
    try (var threads = Executors.newFixedThreadPool(UPLOADS, Thread.ofVirtual().factory())) {
      var uploads = new ExecutorCompletionService<Boolean>(threads);
      try {
        var begun = new ArrayList<Future<Boolean>>();
        for (Blob blob : distinct.values()) {
          begun.add(
              uploads.submit(
                  () -> {
                    blob(repository, blob, progress);
                    return true;
                  }));
        }
        for (int ended = 0; ended < begun.size(); ended++) {
          uploads.take().get(); // the first failure ends the others
        }
      } catch (ExecutionException e) {
        if (e.getCause() instanceof RuntimeException failure) {
          throw failure;
        }
        throw new IllegalStateException("an upload ended unexpectedly", e);
      } finally {
        threads.shutdownNow();
      }
    }
  }

  private void blob(Repository repository, Blob blob, TransferProgress progress)
      throws InterruptedException {
    Descriptor descriptor = blob.descriptor();
    String id = "pushing layer " + descriptor.digest();
    progress.status(id, 0, descriptor.sizeBytes(), false);
    new BlobUpload(repository, endpoint(repository), blob, store, progress).run(transport);
    progress.status(id, descriptor.sizeBytes(), descriptor.sizeBytes(), true);
  }

  /**
   * Sends a manifest or index, after all that it names, unless the reference stands for it already.
   *
   * @param reference tag or digest
   * @param document descriptor of the bytes
   */
  public void document(
      Repository repository,
      String reference,
      Descriptor document,
      Bytes bytes,
      TransferProgress progress)
      throws InterruptedException {
    Endpoint endpoint = endpoint(repository);
    String path = "manifests/" + reference;
    if (!transport.run(endpoint, new StandsFor(repository, path, document), progress)) {
      transport.run(endpoint, new PutDocument(repository, path, document, bytes), progress);
    }
  }

  /** Asks whether a reference stands for a document. */
  private record StandsFor(Repository repository, String path, Descriptor document)
      implements Transport.Exchange<Boolean> {
    @Override
    public Transport.Call call() {
      return new Transport.Call(
          "HEAD",
          repository,
          path,
          Map.of("Accept", document.mediaType().value()),
          // A refusal of HEAD carries no words: that of PUT does.
          Set.of(400, 403, 404, 405, 406, 415),
          Transport.Sent.NOTHING);
    }

    @Override
    public Boolean read(Answer answer) {
      return answer.status() == 200
          && answer.header("docker-content-digest").equals(document.digest().toString());
    }
  }

  private record PutDocument(Repository repository, String path, Descriptor document, Bytes bytes)
      implements Transport.Exchange<Boolean> {
    @Override
    public Transport.Call call() {
      return new Transport.Call(
          "PUT",
          repository,
          path,
          Map.of("Content-Type", document.mediaType().value()),
          Set.of(201),
          new Transport.Sent(
              BodyPublishers.ofByteArray(bytes.toArray()), bytes.size(), null, null));
    }

    @Override
    public Boolean read(Answer answer) {
      return true;
    }
  }

  private Endpoint endpoint(Repository repository) {
    HostConfig host = config.host(repository.domain());
    RegistryConfig used =
        insecure
            ? new RegistryConfig(
                Map.of(
                    repository.domain(),
                    new HostConfig(
                        host.http(), true, host.authorities(), List.of(), host.keyPairs())))
            : config;
    return Endpoint.of(repository.domain(), used).getLast();
  }
}
