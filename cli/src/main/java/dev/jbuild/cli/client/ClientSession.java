package dev.jbuild.cli.client;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.session.Credentials;
import dev.jbuild.session.FileSync;
import dev.jbuild.session.LayoutAccess;
import dev.jbuild.session.OutputSink;
import dev.jbuild.session.Secrets;
import dev.jbuild.session.Session;
import dev.jbuild.session.SshAgents;
import java.nio.file.Path;
import java.util.Map;

/** What this command line serves to an engine in the same process. */
record ClientSession(
    String id,
    FileSync files,
    OutputSink outputs,
    Credentials credentials,
    Map<String, Path> layoutDirectories,
    Secrets secrets,
    SshAgents agents)
    implements Session {

  @Override
  public LayoutAccess layouts() {
    return store -> {
      Path directory = layoutDirectories.get(store);
      if (directory == null) {
        throw new BuildException(
            Code.NOT_FOUND, "oci layout '" + store + "' is not offered by this client");
      }
      return directory;
    };
  }
}
