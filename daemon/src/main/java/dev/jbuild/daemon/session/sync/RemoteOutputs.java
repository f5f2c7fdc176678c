package dev.jbuild.daemon.session.sync;

import dev.jbuild.session.FileSync;
import dev.jbuild.session.OutputSink;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ThreadFactory;
import java.util.function.Function;
import java.util.regex.Pattern;
import moby.filesync.v1.FileSendGrpc;

/**
 * What exporters make, sent to the client over its session. Source: reference wire-session, section
 * 6.
 */
public final class RemoteOutputs implements OutputSink {
  /** Header of what comes from an exporter: which one, by its index. */
  public static final Metadata.Key<String> EXPORTER =
      Metadata.Key.of("buildkit-attachable-exporter-id", Metadata.ASCII_STRING_MARSHALLER);

  /** With it comes all of an output at once, whatever platforms it has. */
  static final Metadata.Key<String> WHOLE =
      Metadata.Key.of("buildkit-exporter-multi-platform", Metadata.ASCII_STRING_MARSHALLER);

  /** Its value. */
  static final String YES = "1";

  private static final Pattern KEY = Pattern.compile("[a-z0-9._-]{1,128}(?<!-bin)");
  private static final Pattern VALUE = Pattern.compile("[\\x20-\\x7e]{0,4096}");

  private final Channel client;
  private final Staging staging;

  /**
   * @param client calls the client's services
   */
  public RemoteOutputs(Channel client, Staging staging) {
    this.client = client;
    this.staging = staging;
  }

  /**
   * Where trees lie until the client has them.
   *
   * @param parent directory for them; made when it is not there
   * @param directories gives the files below directories of this machine
   * @param threads cheap ones: a few for each tree
   */
  public record Staging(
      Path parent, Function<Map<String, Path>, FileSync> directories, ThreadFactory threads) {}

  private Channel named(int exporter, Map<String, String> about) {
    return with(headers(exporter, about));
  }

  private Channel with(Metadata headers) {
    return ClientInterceptors.intercept(client, MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  private static Metadata headers(int exporter, Map<String, String> about) {
    var headers = new Metadata();
    about.forEach(
        (key, value) -> {
          if (KEY.matcher(key).matches() && VALUE.matcher(value).matches()) {
            headers.put(
                Metadata.Key.of("exporter-md-" + key, Metadata.ASCII_STRING_MARSHALLER), value);
          }
        });
    headers.put(EXPORTER, Integer.toString(exporter));
    return headers;
  }

  @Override
  public OutputStream openFile(int exporter) {
    return openFile(exporter, Map.of());
  }

  /** What fits no header is left out: it is in the response too. */
  @Override
  public OutputStream openFile(int exporter, Map<String, String> about) {
    var stream = new SentFile("output " + exporter);
    FileSendGrpc.newStub(named(exporter, about)).diffCopy(stream.incoming());
    return stream;
  }

  @Override
  public Tree openTree(int exporter) throws IOException {
    return tree(exporter, named(exporter, Map.of()));
  }

  @Override
  public Tree openWhole(int exporter) throws IOException {
    Metadata headers = headers(exporter, Map.of());
    headers.put(WHOLE, YES);
    return tree(exporter, with(headers));
  }

  private Tree tree(int exporter, Channel client) throws IOException {
    Files.createDirectories(staging.parent());
    Path directory = Files.createTempDirectory(staging.parent(), "output");
    return new SentTree(
        "output " + exporter, client, directory, staging.directories(), staging.threads());
  }

  @Override
  public Path directory(int exporter) {
    throw new IllegalStateException(
        "output " + exporter + ": a client's directory takes a tree or blobs");
  }
}
