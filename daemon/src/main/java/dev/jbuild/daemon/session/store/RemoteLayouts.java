package dev.jbuild.daemon.session.store;

import containerd.services.content.v1.ContentGrpc;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Digest;
import dev.jbuild.session.LayoutAccess;
import io.grpc.Channel;
import java.io.InputStream;

/**
 * The OCI layouts of a client, read blob by blob over its session. Source: reference wire-session,
 * section 7.
 *
 * @param client calls the client's services
 */
public record RemoteLayouts(Channel client) implements LayoutAccess {

  @Override
  public Store layout(String store) {
    if (!store.matches("[\\x21-\\x7e]{1,256}")) {
      throw new BuildException(
          Code.INVALID,
          "oci layout: malformed store '" + store + "', want 1 to 256 printable ASCII characters");
    }
    var stub = ContentGrpc.newBlockingStub(StoreNames.layout(client, store));
    return new Store() {
      @Override
      public InputStream index() {
        throw new BuildException(
            Code.INVALID,
            "oci layout '"
                + store
                + "': the client gives blobs only, not the layout's tags: name the image by its"
                + " digest");
      }

      @Override
      public InputStream blob(Digest digest) {
        return new ReadBlob(stub, store, digest);
      }
    };
  }
}
