package dev.jbuild.session;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.nio.file.Path;

/**
 * Gives the daemon the client's OCI layout directories ({@code --build-context
 * name=oci-layout://dir}). Only stores that the client offered can be read.
 */
public interface LayoutAccess {

  /** A client that offers none. */
  LayoutAccess NONE =
      store -> {
        throw new BuildException(
            Code.NOT_FOUND, "oci layout '" + store + "' is not offered by this client");
      };

  /**
   * The directory of a store: {@code oci-layout}, {@code index.json}, {@code blobs/}. Its content
   * is not to be trusted.
   *
   * @param store the id that the graph uses: attr {@code oci.store}
   * @throws dev.jbuild.error.BuildException NOT_FOUND when the client offers no such store
   */
  Path layout(String store);
}
