package dev.jbuild.daemon.session;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Bytes;
import dev.jbuild.session.Credentials;
import dev.jbuild.session.FileSync;
import dev.jbuild.session.LayoutAccess;
import dev.jbuild.session.OutputSink;
import dev.jbuild.session.Secrets;
import dev.jbuild.session.Session;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The session of a request that has none: builds that need nothing of the client work, others learn
 * what they need. There are no credentials then, which is not an error: registries are read
 * anonymously.
 *
 * @param id that was asked for, or empty
 */
record AbsentSession(String id) implements Session {

  private BuildException missing(String what) {
    String why = id.isEmpty() ? "the request has no session" : "there is no session '" + id + "'";
    return new BuildException(
        Code.NOT_FOUND,
        "the build needs "
            + what
            + ", but "
            + why
            + "; a client opens a session beside its build, and keeps it until the build is over");
  }

  @Override
  public FileSync files() {
    return (name, filter) -> {
      throw missing("the client's directory '" + name + "'");
    };
  }

  @Override
  public OutputSink outputs() {
    return new OutputSink() {
      @Override
      public OutputStream openFile(int exporter) {
        throw missing("a file at the client for output " + exporter);
      }

      @Override
      public Path directory(int exporter) {
        throw missing("a directory at the client for output " + exporter);
      }
    };
  }

  @Override
  public Credentials credentials() {
    return host -> Optional.empty();
  }

  @Override
  public Secrets secrets() {
    return secret -> Optional.<Bytes>empty();
  }

  @Override
  public LayoutAccess layouts() {
    return store -> {
      throw missing("the client's OCI layout '" + store + "'");
    };
  }
}
