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
import moby.filesync.v1.FileSendGrpc;

/**
 * What exporters make, sent to the client over its session. Source: reference wire-session, section
 * 6.
 */
public final class RemoteOutputs implements OutputSink {
  private static final Metadata.Key<String> EXPORTER =
      Metadata.Key.of("buildkit-attachable-exporter-id", Metadata.ASCII_STRING_MARSHALLER);

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

  private Channel named(int exporter) {
    var headers = new Metadata();
    headers.put(EXPORTER, Integer.toString(exporter));
    return ClientInterceptors.intercept(client, MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  @Override
  public OutputStream openFile(int exporter) {
    var stream = new SentFile("output " + exporter);
    FileSendGrpc.newStub(named(exporter)).diffCopy(stream.incoming());
    return stream;
  }

  @Override
  public Tree openTree(int exporter) throws IOException {
    Files.createDirectories(staging.parent());
    Path directory = Files.createTempDirectory(staging.parent(), "output");
    return new SentTree(
        "output " + exporter, named(exporter), directory, staging.directories(), staging.threads());
  }

  @Override
  public Path directory(int exporter) {
    throw new IllegalStateException(
        "output " + exporter + ": a client's directory takes a tree or blobs");
  }
}
