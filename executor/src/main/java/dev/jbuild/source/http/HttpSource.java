package dev.jbuild.source.http;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Digest;
import dev.jbuild.registry.Answer;
import dev.jbuild.registry.TransferProgress;
import dev.jbuild.registry.WebClient;
import dev.jbuild.session.Secrets;
import dev.jbuild.session.Uploads;
import dev.jbuild.snapshot.LayerId;
import dev.jbuild.snapshot.Snapshot;
import dev.jbuild.source.DescribedSource;
import dev.jbuild.source.FilePlace;
import dev.jbuild.source.Located;
import dev.jbuild.source.SingleFlight;
import dev.jbuild.source.SourceFacts;
import dev.jbuild.source.SourceQuestion;
import dev.jbuild.source.SourceRequest;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Files of the web, each the only file of its tree. A file that came before is only asked for with
 * its ETag or time; one whose checksum the build knows, and that is here, is not asked for at all.
 * What a URL gave stays so for the job. Source: wire facts, "SourceOp", {@code http}.
 */
public final class HttpSource implements DescribedSource {
  private static final int OK = 200;
  private static final int NOT_MODIFIED = 304;
  private static final List<String> SENT = List.of("accept", "user-agent");
  private static final String HEADER = "http.header.";

  private final String scheme;
  private final WebClient web;
  private final Secrets secrets;
  private final Uploads uploads;
  private final Downloads downloads;
  private final ConcurrentHashMap<String, Download> known = new ConcurrentHashMap<>();
  private final SingleFlight<String, Download> flights = new SingleFlight<>();

  /**
   * @param scheme {@code http} or {@code https}
   */
  public HttpSource(
      String scheme, WebClient web, Secrets secrets, Uploads uploads, Downloads downloads) {
    this.scheme = scheme;
    this.web = web;
    this.secrets = secrets;
    this.uploads = uploads;
    this.downloads = downloads;
  }

  @Override
  public String scheme() {
    return scheme;
  }

  /** What a build asks for, read. */
  private record Wanted(
      URI url,
      String id,
      Map<String, String> headers,
      FilePlace place,
      @Nullable Checksum checksum) {}

  @Override
  public Located locate(SourceRequest request, TransferProgress progress)
      throws InterruptedException {
    Wanted wanted = read(request);
    if (wanted.checksum() != null) {
      return new Checked(wanted, wanted.checksum(), progress);
    }
    return wrap(
        wanted,
        () -> {
          Download download = download(wanted, progress);
          FilePlace place = wanted.place().named(download.name());
          return new Fixed(
              place.key(download.digest().toString(), download.modifiedMillis()),
              downloads.placed(download, wanted.place()));
        });
  }

  /** A file whose checksum the build knows is brought only where a digest of it is wanted. */
  @Override
  public SourceFacts describe(
      SourceRequest request, SourceQuestion question, TransferProgress progress)
      throws InterruptedException {
    Wanted wanted = read(request);
    SourceQuestion.Hash hash = question.hash();
    Checksum checksum = wanted.checksum();
    if (checksum != null && hash == null) {
      String name = wanted.place().named(FileNames.of(wanted.url(), "")).name();
      return new SourceFacts.Web(checksum.toString(), name, null, null);
    }
    return wrap(
        wanted,
        () -> {
          Download file = download(wanted, progress);
          long modified = file.modifiedMillis();
          return new SourceFacts.Web(
              checksum == null ? file.digest().toString() : checksum.toString(),
              wanted.place().named(file.name()).name(),
              modified == 0 ? null : Instant.ofEpochMilli(modified),
              hash == null ? null : answer(file, hash));
        });
  }

  private String answer(Download file, SourceQuestion.Hash hash) throws IOException {
    String algorithm = hash.algorithm().name().toLowerCase(Locale.ROOT);
    return downloads.hash(file, algorithm, hash.suffix()).toString();
  }

  private Wanted read(SourceRequest request) {
    URI url;
    try {
      url = new URI(request.identifier());
    } catch (URISyntaxException e) {
      throw malformed(request.identifier());
    }
    if (url.getHost() == null) {
      throw malformed(request.identifier());
    }
    var headers = new TreeMap<String, String>();
    for (String name : SENT) {
      String value = request.attrs().get(HEADER + name);
      if (value != null) {
        headers.put(name, value);
      }
    }
    String id = request.identifier() + "\0" + headers;
    if (url.getUserInfo() != null) {
      byte[] login = url.getUserInfo().getBytes(StandardCharsets.UTF_8);
      headers.put("Authorization", "Basic " + Base64.getEncoder().encodeToString(login));
      url = withoutUser(url);
    }
    String secret = request.attrs().getOrDefault("http.authheadersecret", "");
    if (!secret.isEmpty()) {
      Bytes value = secrets.secret(secret).orElseThrow(() -> missing(secret));
      headers.put("Authorization", value.toUtf8().strip());
      id += "\0" + secret;
    } else if (!headers.containsKey("Authorization")) {
      id += HostSecrets.addTo(headers, url.getHost(), secrets);
    }
    HostSecrets.requireSendable(headers, url);
    String checksum = request.attrs().getOrDefault("http.checksum", "");
    return new Wanted(
        url,
        id,
        headers,
        FilePlace.of(request),
        checksum.isEmpty() ? null : Checksum.parse(checksum));
  }

  private static URI withoutUser(URI url) {
    return URI.create(url.toString().replaceFirst("://[^/@]*@", "://"));
  }

  private static BuildException malformed(String url) {
    return new BuildException(Code.INVALID, "'" + url + "' is no http or https URL");
  }

  private static BuildException missing(String secret) {
    return new BuildException(
        Code.NOT_FOUND,
        "secret '"
            + secret
            + "' is needed to read a URL and was not given: build with --secret id="
            + secret
            + ",src=FILE");
  }

  private Download download(Wanted wanted, TransferProgress progress)
      throws IOException, InterruptedException {
    String id = wanted.id() + "\0" + wanted.checksum();
    Download before = known.get(id);
    if (before != null) {
      return before;
    }
    return flights.run(
        id,
        IOException.class,
        () -> {
          Download again = known.get(id);
          Download found = again == null ? ask(wanted, progress) : again;
          known.put(id, found);
          return found;
        });
  }

  private Download ask(Wanted wanted, TransferProgress progress) throws InterruptedException {
    if (Uploads.HOST.equals(wanted.url().getHost())) {
      return wrap(wanted, () -> upload(wanted, progress));
    }
    Download before = wanted.checksum() == null ? downloads.find(wanted.id()) : null;
    var headers = new TreeMap<String, String>(wanted.headers());
    if (before != null && !before.etag().isEmpty()) {
      headers.put("If-None-Match", before.etag());
    } else if (before != null && !before.lastModified().isEmpty()) {
      headers.put("If-Modified-Since", before.lastModified());
    }
    return web.get(
        wanted.url(), headers, answer -> read(wanted, before, answer, progress), progress);
  }

  /** The client's own bytes, which are asked for in no other way. */
  private Download upload(Wanted wanted, TransferProgress progress) throws IOException {
    String path = wanted.url().getRawPath();
    try (var answer =
        new Answer("GET", wanted.url(), OK, Map.of(), uploads.open(path == null ? "" : path))) {
      return read(wanted, null, answer, progress);
    }
  }

  private Download read(
      Wanted wanted, @Nullable Download before, Answer answer, TransferProgress progress)
      throws IOException {
    String shown = Answer.redact(wanted.url());
    if (answer.status() == NOT_MODIFIED) {
      if (before == null) {
        throw new BuildException(
            Code.UNAVAILABLE, shown + ": the server answered 304 to a request without conditions");
      }
      return before;
    }
    boolean checked = wanted.checksum() != null;
    String name = FileNames.of(wanted.url(), checked ? "" : answer.header("content-disposition"));
    try {
      return downloads.receive(
          wanted.id(),
          new Downloads.Incoming(shown, answer, name, wanted.place(), wanted.checksum(), progress));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      var interrupted = new InterruptedIOException("cancelled while receiving " + shown);
      interrupted.initCause(e);
      throw interrupted;
    }
  }

  /** Work on the disk. */
  private interface Work<T> {
    T run() throws IOException, InterruptedException;
  }

  private static <T> T wrap(Wanted wanted, Work<T> work) throws InterruptedException {
    try {
      return work.run();
    } catch (IOException e) {
      throw new BuildException(
          Code.FAILED, Answer.redact(wanted.url()) + " cannot be kept: " + e.getMessage(), e);
    }
  }

  /** A file that is here. */
  private record Fixed(Digest key, LayerId layer) implements Located {
    @Override
    public Snapshot snapshot() {
      return new Snapshot(List.of(layer));
    }
  }

  /** A file that is known without having been read. */
  private final class Checked implements Located {
    private final Wanted wanted;
    private final FilePlace place;
    private final Checksum checksum;
    private final TransferProgress progress;

    Checked(Wanted wanted, Checksum checksum, TransferProgress progress) {
      this.wanted = wanted;
      this.place = wanted.place().named(FileNames.of(wanted.url(), ""));
      this.checksum = checksum;
      this.progress = progress;
    }

    @Override
    public Digest key() {
      return place.key(checksum.toString(), 0);
    }

    @Override
    public Snapshot snapshot() throws InterruptedException {
      LayerId there = downloads.layer(key());
      if (there == null) {
        wrap(wanted, () -> download(wanted, progress));
        there = downloads.layer(key());
      }
      if (there == null) {
        // Another place of the same file was asked for at the same time.
        there = wrap(wanted, () -> downloads.placed(download(wanted, progress), place));
      }
      return new Snapshot(List.of(there));
    }
  }
}
