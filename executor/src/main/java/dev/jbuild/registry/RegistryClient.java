package dev.jbuild.registry;

import dev.jbuild.content.ContentStore;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Digest;
import dev.jbuild.session.Credentials;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * Reads registries with the rights of one client. Failures are {@link BuildException}s that name
 * the request, the registry's words and what to do. Safe for use by several threads. Source:
 * distribution-spec 1.1; OCI facts, section 6.
 */
public final class RegistryClient {
  /** Documents above this size are refused. */
  static final int MAX_DOCUMENT_BYTES = 4 * 1024 * 1024;

  private static final int PULLS_PER_HOST = 4;
  private static final String ACCEPT =
      "application/vnd.docker.distribution.manifest.v2+json, "
          + "application/vnd.docker.distribution.manifest.list.v2+json, "
          + "application/vnd.oci.image.manifest.v1+json, "
          + "application/vnd.oci.image.index.v1+json, */*";

  private final RegistryConfig config;
  private final Transport transport;
  private final ConcurrentHashMap<String, Semaphore> slots = new ConcurrentHashMap<>();

  /**
   * @param credentials the client's; asked when a registry wants some
   */
  public RegistryClient(
      Http http, RegistryConfig config, Credentials credentials, Clock clock, Pause pause) {
    this.config = config;
    var tokens = new TokenSource(http, clock, pause);
    this.transport = new Transport(http, new Authority(credentials, tokens, clock), pause);
  }

  /** Finds out what a tag stands for. */
  public Resolved resolveTag(Repository repository, String tag, TransferProgress progress)
      throws InterruptedException {
    return anyHost(
        repository,
        progress,
        endpoint -> {
          Optional<Resolved> head =
              transport.run(endpoint, new HeadManifest(repository, tag), progress);
          return head.isPresent() ? head.get() : byGet(endpoint, repository, tag, progress);
        });
  }

  private Resolved byGet(
      Endpoint endpoint, Repository repository, String tag, TransferProgress progress)
      throws InterruptedException {
    Document document =
        transport.run(endpoint, new GetDocument(repository, "manifests/" + tag), progress);
    return new Resolved(document.digest(), document.mediaType(), document.body());
  }

  /**
   * Reads the manifest or index of a digest.
   *
   * @throws BuildException DATA_LOSS when the bytes have another digest
   */
  public Document document(Repository repository, Digest digest, TransferProgress progress)
      throws InterruptedException {
    return anyHost(
        repository,
        progress,
        endpoint -> {
          try {
            return checked(
                transport.run(
                    endpoint, new GetDocument(repository, "manifests/" + digest), progress),
                endpoint,
                repository,
                digest);
          } catch (BuildException e) {
            if (e.code() != Code.NOT_FOUND) {
              throw e;
            }
            return asBlob(endpoint, repository, digest, e, progress);
          }
        });
  }

  /** Some registries know a document by digest only as a blob. */
  private Document asBlob(
      Endpoint endpoint,
      Repository repository,
      Digest digest,
      BuildException notFound,
      TransferProgress progress)
      throws InterruptedException {
    try {
      return checked(
          transport.run(endpoint, new GetDocument(repository, "blobs/" + digest), progress),
          endpoint,
          repository,
          digest);
    } catch (BuildException e) {
      if (e.code() != Code.NOT_FOUND) {
        e.addSuppressed(notFound);
        throw e;
      }
      throw notFound;
    }
  }

  private static Document checked(
      Document document, Endpoint endpoint, Repository repository, Digest wanted) {
    if (!document.digest().equals(wanted)) {
      throw new BuildException(
          Code.DATA_LOSS,
          "registry '"
              + endpoint.host()
              + "' sent a manifest of '"
              + repository
              + "' with digest "
              + document.digest()
              + ", want "
              + wanted
              + ": the image is damaged, or the registry lies");
    }
    return document;
  }

  /**
   * Brings a blob into the store unless it is there. At most four at once from one host.
   *
   * @param sizeBytes as its descriptor says
   * @throws IOException when the store fails; nothing is left of the blob then
   */
  public void pull(
      Repository repository,
      Digest digest,
      long sizeBytes,
      ContentStore store,
      TransferProgress progress)
      throws IOException, InterruptedException {
    if (store.size(digest).isPresent()) {
      return;
    }
    try {
      Boolean done =
          anyHost(
              repository,
              progress,
              endpoint -> {
                Semaphore slot =
                    slots.computeIfAbsent(
                        endpoint.host(), host -> new Semaphore(PULLS_PER_HOST, true));
                slot.acquire();
                try (var pull = new BlobPull(repository, digest, sizeBytes, store, progress)) {
                  pull.run(transport, endpoint);
                  return true;
                } catch (IOException e) {
                  throw new StoreFailure(e);
                } finally {
                  slot.release();
                }
              });
      progress.status(digest.toString(), sizeBytes, sizeBytes, done);
    } catch (StoreFailure e) {
      throw e.why;
    }
  }

  /**
   * Brings a blob of which only the digest is known into the store, unless it is there. A manifest
   * is found as well.
   */
  public void pull(
      Repository repository, Digest digest, ContentStore store, TransferProgress progress)
      throws IOException, InterruptedException {
    if (store.size(digest).isPresent()) {
      return;
    }
    long size;
    try {
      size =
          anyHost(
              repository,
              progress,
              endpoint -> transport.run(endpoint, new HeadBlob(repository, digest), progress));
    } catch (BuildException e) {
      if (e.code() != Code.NOT_FOUND) {
        throw e;
      }
      Bytes body = document(repository, digest, progress).body();
      try (ContentStore.Ingest ingest = store.ingest()) {
        ingest.write(body.toArray(), 0, body.size());
        ingest.commit(digest);
      }
      return;
    }
    pull(repository, digest, size, store, progress);
  }

  /** Carries a failure of the own disk past the mirrors. */
  private static final class StoreFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final IOException why;

    StoreFailure(IOException why) {
      super(why);
      this.why = why;
    }
  }

  private interface OneHost<T> {
    T ask(Endpoint endpoint) throws InterruptedException;
  }

  /** Asks the mirrors, then the registry, whose failure is the one that counts. */
  private <T> T anyHost(Repository repository, TransferProgress progress, OneHost<T> work)
      throws InterruptedException {
    List<Endpoint> endpoints = Endpoint.of(repository.domain(), config);
    var passedOver = new ArrayList<BuildException>();
    for (Endpoint mirror : endpoints.subList(0, endpoints.size() - 1)) {
      try {
        return work.ask(mirror);
      } catch (BuildException e) {
        progress.note("mirror " + mirror.host() + " passed over: " + e.message());
        passedOver.add(e);
      }
    }
    try {
      return work.ask(endpoints.getLast());
    } catch (BuildException e) {
      passedOver.forEach(e::addSuppressed);
      throw e;
    }
  }

  /** Asks how long a blob is. */
  private record HeadBlob(Repository repository, Digest digest)
      implements Transport.Exchange<Long> {
    @Override
    public Transport.Call call() {
      return new Transport.Call(
          "HEAD", repository, "blobs/" + digest, Map.of("Accept", "*/*"), Set.of());
    }

    @Override
    public Long read(Answer answer) {
      return answer
          .length()
          .orElseThrow(
              () ->
                  new BuildException(
                      Code.UNAVAILABLE,
                      "HEAD "
                          + Answer.redact(answer.url())
                          + ": the registry does not say how long the blob is"));
    }
  }

  /** Asks for a document's digest without its bytes; empty where the answer does not say. */
  private record HeadManifest(Repository repository, String tag)
      implements Transport.Exchange<Optional<Resolved>> {
    @Override
    public Transport.Call call() {
      // A refusal of HEAD carries no words, or HEAD is what is refused: GET tells.
      return new Transport.Call(
          "HEAD", repository, "manifests/" + tag, Map.of("Accept", ACCEPT), Set.of(403, 405));
    }

    @Override
    public Optional<Resolved> read(Answer answer) {
      String digest = answer.header("docker-content-digest");
      if (answer.status() != 200
          || answer.length().isEmpty()
          || !digest.matches("sha256:[0-9a-f]{64}")) {
        return Optional.empty();
      }
      if (answer.length().getAsLong() > MAX_DOCUMENT_BYTES) {
        throw GetDocument.tooLarge(answer);
      }
      return Optional.of(new Resolved(Digest.parse(digest), GetDocument.checkedType(answer), null));
    }
  }

  /** Reads a document whole. */
  private record GetDocument(Repository repository, String path)
      implements Transport.Exchange<Document> {
    @Override
    public Transport.Call call() {
      return new Transport.Call("GET", repository, path, Map.of("Accept", ACCEPT), Set.of());
    }

    @Override
    public Document read(Answer answer) throws IOException {
      String type = checkedType(answer);
      byte[] body = answer.read(MAX_DOCUMENT_BYTES);
      if (body.length > MAX_DOCUMENT_BYTES) {
        throw tooLarge(answer);
      }
      return new Document(Digest.of(body), type, Bytes.copyOf(body));
    }

    static BuildException tooLarge(Answer answer) {
      return new BuildException(
          Code.RESOURCE_EXHAUSTED,
          answer.method()
              + " "
              + Answer.redact(answer.url())
              + ": the manifest is larger than 4 MiB, which is refused");
    }

    static String checkedType(Answer answer) {
      String type = answer.contentType();
      boolean generic =
          type.isEmpty()
              || type.equals("application/json")
              || type.equals("application/octet-stream");
      boolean manifest =
          type.matches(
              "application/vnd\\.(docker\\.distribution\\.manifest(\\.list)?\\.v2"
                  + "|oci\\.image\\.(manifest|index)\\.v1)\\+json");
      if (generic || manifest) {
        return type;
      }
      String where = answer.method() + " " + Answer.redact(answer.url());
      throw type.startsWith("application/vnd.docker.distribution.manifest.v1")
          ? new BuildException(
              Code.UNIMPLEMENTED,
              where
                  + ": the image has the old schema 1, which is not read: push it again with a"
                  + " current tool")
          : new BuildException(
              Code.DATA_LOSS,
              where
                  + ": answered with content type '"
                  + RegistryErrors.clean(type)
                  + "', want an image manifest: is this host a registry?");
    }
  }
}
