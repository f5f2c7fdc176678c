package dev.jbuild.registry;

import dev.jbuild.content.ContentStore;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Descriptor;
import dev.jbuild.session.Credentials;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
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
   * Sends blobs that the store has and the registry has not, several at once.
   *
   * @param mountFrom path of a repository of the same registry that has them; null for none
   */
  public void blobs(
      Repository repository,
      Collection<Descriptor> blobs,
      @Nullable String mountFrom,
      TransferProgress progress)
      throws InterruptedException {
    try (var threads = Executors.newFixedThreadPool(UPLOADS, Thread.ofVirtual().factory())) {
      var running = new ArrayList<Future<Boolean>>();
      for (Descriptor blob : Set.copyOf(blobs)) {
        running.add(
            threads.submit(
                () -> {
                  blob(repository, blob, mountFrom, progress);
                  return true;
                }));
      }
      try {
        for (Future<Boolean> each : running) {
          each.get();
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

  private void blob(
      Repository repository, Descriptor blob, @Nullable String mountFrom, TransferProgress progress)
      throws InterruptedException {
    String id = "pushing layer " + blob.digest();
    progress.status(id, 0, blob.sizeBytes(), false);
    new BlobUpload(repository, endpoint(repository), blob, store, mountFrom, progress)
        .run(transport);
    progress.status(id, blob.sizeBytes(), blob.sizeBytes(), true);
  }

  /**
   * Sends a manifest or index, after all that it names.
   *
   * @param reference tag or digest
   */
  public void document(
      Repository repository,
      String reference,
      String mediaType,
      Bytes document,
      TransferProgress progress)
      throws InterruptedException {
    var call =
        new Transport.Call(
            "PUT",
            repository,
            "manifests/" + reference,
            Map.of("Content-Type", mediaType),
            Set.of(201),
            new Transport.Sent(
                BodyPublishers.ofByteArray(document.toArray()), document.size(), null, false));
    transport.run(endpoint(repository), new PutDocument(call), progress);
  }

  private record PutDocument(Transport.Call call) implements Transport.Exchange<Boolean> {
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
