package dev.jbuild.session;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Digest;
import java.io.IOException;
import java.io.InputStream;

/**
 * Gives the daemon the client's OCI layouts ({@code --build-context name=oci-layout://dir}). Only
 * stores that the client offered can be read. Safe for use by several threads.
 */
public interface LayoutAccess {

  /** A client that offers none. */
  LayoutAccess NONE =
      store -> {
        throw notOffered(store);
      };

  /**
   * One layout. Its content is not to be trusted: neither digests nor lengths have been checked.
   */
  interface Store {

    /**
     * Its {@code index.json}.
     *
     * @throws java.nio.file.NoSuchFileException when it has none
     * @throws BuildException when only the client itself can read it
     */
    InputStream index() throws IOException;

    /**
     * The bytes of a blob; the caller closes them.
     *
     * @throws java.nio.file.NoSuchFileException when it has none, at once or when it is read
     */
    InputStream blob(Digest digest) throws IOException;
  }

  /**
   * A store of the client.
   *
   * @param store the id that the graph uses: attr {@code oci.store}
   * @throws BuildException NOT_FOUND when the client offers no such store
   */
  Store layout(String store);

  /** Says that a client has no such store. */
  static BuildException notOffered(String store) {
    return new BuildException(
        Code.NOT_FOUND, "oci layout '" + store + "' is not offered by this client");
  }
}
