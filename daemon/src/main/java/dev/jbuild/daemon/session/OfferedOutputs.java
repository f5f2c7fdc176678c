package dev.jbuild.daemon.session;

import containerd.services.content.v1.ContentGrpc;
import dev.jbuild.daemon.session.store.RemoteBlobs;
import dev.jbuild.session.OutputSink;
import io.grpc.Channel;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import moby.filesync.v1.FileSendGrpc;

/**
 * What a client takes of exporters, as far as it says that it does.
 *
 * @param files takes files and trees
 * @param client calls the client's services
 */
record OfferedOutputs(SessionHeaders headers, OutputSink files, Channel client)
    implements OutputSink {
  private void requireFiles() {
    headers.require(
        FileSendGrpc.getDiffCopyMethod().getFullMethodName(), "an output to the client");
  }

  @Override
  public OutputStream openFile(int exporter) throws IOException {
    requireFiles();
    return files.openFile(exporter);
  }

  @Override
  public OutputStream openFile(int exporter, Map<String, String> about) throws IOException {
    requireFiles();
    return files.openFile(exporter, about);
  }

  @Override
  public Tree openTree(int exporter) throws IOException {
    requireFiles();
    return files.openTree(exporter);
  }

  @Override
  public Tree openWhole(int exporter) throws IOException {
    requireFiles();
    return files.openWhole(exporter);
  }

  @Override
  public Path directory(int exporter) throws IOException {
    return files.directory(exporter);
  }

  @Override
  public Optional<Blobs> blobs(int exporter) {
    headers.require(
        ContentGrpc.getWriteMethod().getFullMethodName(),
        "output " + exporter + ": an OCI layout as a directory (tar=false)");
    return Optional.of(new RemoteBlobs(client, exporter));
  }
}
