package dev.jbuild.daemon.session.sync;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.session.OutputSink;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import java.io.OutputStream;
import java.nio.file.Path;
import moby.filesync.v1.FileSendGrpc;

/**
 * What exporters make, sent to the client over its session. Source: reference wire-session, section
 * 6.
 */
public final class RemoteOutputs implements OutputSink {
  private static final Metadata.Key<String> EXPORTER =
      Metadata.Key.of("buildkit-attachable-exporter-id", Metadata.ASCII_STRING_MARSHALLER);

  private final Channel client;

  public RemoteOutputs(Channel client) {
    this.client = client;
  }

  @Override
  public OutputStream openFile(int exporter) {
    var headers = new Metadata();
    headers.put(EXPORTER, Integer.toString(exporter));
    Channel named =
        ClientInterceptors.intercept(client, MetadataUtils.newAttachHeadersInterceptor(headers));
    var stream = new SentFile("output " + exporter);
    FileSendGrpc.newStub(named).diffCopy(stream.incoming());
    return stream;
  }

  @Override
  public Path directory(int exporter) {
    throw new BuildException(
        Code.UNIMPLEMENTED,
        "output " + exporter + ": a directory at the client is not offered yet");
  }
}
