package dev.jbuild.ops;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.json.Json;
import dev.jbuild.oci.json.JsonText;
import dev.jbuild.oci.json.OciFormatException;
import dev.jbuild.session.FileSync;
import dev.jbuild.session.Session;
import dev.jbuild.solver.CacheMap;
import dev.jbuild.solver.Op;
import dev.jbuild.solver.OpContext;
import dev.jbuild.solver.Result;
import dev.jbuild.source.SourceRequest;
import dev.jbuild.source.local.LocalMirrors;
import dev.jbuild.source.local.MetadataSync;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** Receives a directory of the client. What is built of it is found again by content only. */
final class ContextStep implements Op {
  private static final String EXCLUDES = "local.excludepatterns";
  private static final String INCLUDES = "local.includepattern";
  private static final String FOLLOW = "local.followpaths";

  private static final String SESSION = "local.session";
  private static final String METADATA = "local.metadatatransfer";
  private static final String METADATA_EXCEPT = "local.metadatatransferexclude";

  private static final int MAX_OTHERS = 10_000;

  private final SourceRequest request;
  private final JobScope job;
  private final LocalMirrors mirrors;
  private final FileSync.Filter filter;

  /**
   * @throws BuildException INVALID when a list of patterns is malformed
   */
  ContextStep(SourceRequest request, JobScope job, LocalMirrors mirrors) {
    this.request = request;
    this.job = job;
    this.mirrors = mirrors;
    this.filter = new FileSync.Filter(list(INCLUDES), list(EXCLUDES), list(FOLLOW));
  }

  @Override
  public CacheMap cacheMap(OpContext context) {
    var key = new KeyHash("jbuild.context.v1").text(job.session().id()).text(request.identifier());
    request.attrs().forEach((name, value) -> key.text(name).text(value));
    return new CacheMap(key.digest(), List.of(), false);
  }

  @Override
  public List<Result> execute(OpContext context, List<Result> inputs) throws InterruptedException {
    String name = name();
    String status = "transferring " + name + ":";
    context.progress().status(status, 0, 0, false);
    FileSync files = files();
    String key =
        String.join(
            "\0",
            name,
            files.identity(name),
            request.attrs().getOrDefault("local.sharedkeyhint", ""),
            String.join("\0", filter.followPaths()));
    LocalMirrors.Lease lease =
        Failures.wrap("receiving '" + name + "'", () -> mirrors.sync(key, files, name, filter));
    job.keep(lease);
    long bytes = lease.bytesReceived();
    context.progress().status(status, bytes, bytes, true);
    boolean excluded = metadataOnly() || !filter.excludePatterns().isEmpty();
    return List.of(new ContextResult(lease, name, excluded, () -> others(files, name)));
  }

  private boolean metadataOnly() {
    return request.attrs().getOrDefault(METADATA, "").equals("true");
  }

  /** With {@code local.session=PREFIX:ID} a client calls the directory otherwise. */
  private String name() {
    String session = request.attrs().getOrDefault(SESSION, "");
    int colon = session.lastIndexOf(':');
    return colon < 0 ? request.rest() : session.substring(0, colon) + "-" + request.rest();
  }

  private FileSync files() {
    String session = request.attrs().getOrDefault(SESSION, "");
    Session own = job.session();
    String id = session.substring(session.lastIndexOf(':') + 1);
    FileSync files = id.isEmpty() ? own.files() : own.other(id).files();
    return metadataOnly() ? new MetadataSync(files, list(METADATA_EXCEPT)) : files;
  }

  /** All that could have been asked for; nothing when the client does not tell it. */
  private List<String> others(FileSync files, String name) {
    var paths = new ArrayList<String>();
    var all = new FileSync.Filter(filter.includePatterns(), filter.excludePatterns(), List.of());
    try (FileSync.Walk walk = files.open(name, all)) {
      while (walk.hasNext() && paths.size() < MAX_OTHERS) {
        paths.add(walk.next().path());
      }
    } catch (IOException | UncheckedIOException | BuildException e) {
      return List.of(); // the user is about to be told of a failure that matters
    }
    return paths;
  }

  @Override
  public boolean heavy() {
    return false;
  }

  private List<String> list(String attr) {
    String text = request.attrs().getOrDefault(attr, "");
    if (text.isEmpty()) {
      return List.of();
    }
    var values = new ArrayList<String>();
    try {
      if (JsonText.parse(Bytes.utf8(text)) instanceof Json.Arr array) {
        for (Json item : array.items()) {
          if (item instanceof Json.Text value) {
            values.add(value.value());
          }
        }
        return values;
      }
    } catch (OciFormatException e) {
      throw malformed(attr, text);
    }
    throw malformed(attr, text);
  }

  private static BuildException malformed(String attr, String text) {
    return new BuildException(
        Code.INVALID,
        attr + " of a local source: want a JSON array of strings, got '" + text + "'");
  }
}
