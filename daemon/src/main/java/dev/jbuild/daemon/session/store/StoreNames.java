package dev.jbuild.daemon.session.store;

import dev.jbuild.daemon.session.sync.RemoteOutputs;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;

/** How the stores of a client are called on the wire. Source: wire-session, section 7. */
final class StoreNames {
  static final Metadata.Key<String> STORE =
      Metadata.Key.of("buildkit-attachable-store-id", Metadata.ASCII_STRING_MARSHALLER);

  /** Before the id of a layout that is read. */
  static final String LAYOUT = "oci:";

  /** Takes what an exporter makes. */
  static final String EXPORT = "export";

  private StoreNames() {}

  static Channel layout(Channel client, String store) {
    var headers = new Metadata();
    headers.put(STORE, LAYOUT + store);
    return with(client, headers);
  }

  /** Which output it is, is told to clients that take several. */
  static Channel export(Channel client, int exporter) {
    var headers = new Metadata();
    headers.put(STORE, EXPORT);
    headers.put(RemoteOutputs.EXPORTER, Integer.toString(exporter));
    return with(client, headers);
  }

  private static Channel with(Channel client, Metadata headers) {
    return ClientInterceptors.intercept(client, MetadataUtils.newAttachHeadersInterceptor(headers));
  }
}
