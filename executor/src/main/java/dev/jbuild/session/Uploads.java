package dev.jbuild.session;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.io.IOException;
import java.io.InputStream;

/** What the client offers to be read once, a context on its standard input say. */
public interface Uploads {

  /** Stands for the client where a URL names its host. */
  String HOST = "buildkit-session";

  /** A client that offers none. */
  Uploads NONE =
      path -> {
        throw new BuildException(
            Code.NOT_FOUND, "http://" + HOST + path + ": the client's session offers no uploads");
      };

  /**
   * The bytes, once; the caller closes them, which ends the upload.
   *
   * @param path of the URL, with its slash
   * @throws BuildException when the client does not offer it, at once or when it is read
   */
  InputStream open(String path) throws IOException;
}
