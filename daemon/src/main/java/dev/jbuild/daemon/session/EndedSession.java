package dev.jbuild.daemon.session;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.session.Credentials;
import dev.jbuild.session.FileSync;
import dev.jbuild.session.LayoutAccess;
import dev.jbuild.session.OutputSink;
import dev.jbuild.session.Secrets;
import dev.jbuild.session.Session;
import dev.jbuild.session.SshAgents;
import dev.jbuild.session.Uploads;

/**
 * A session whose client has gone: whatever is wanted of it fails at once, and what a client may
 * lack is not taken for lacking.
 */
record EndedSession(String id) implements Session {

  private static BuildException ended(String what) {
    return new BuildException(Code.UNAVAILABLE, what + ": the client's session has ended");
  }

  @Override
  public FileSync files() {
    return (name, filter) -> {
      throw ended("the client's directory '" + name + "'");
    };
  }

  @Override
  public OutputSink outputs() {
    throw ended("an output to the client");
  }

  @Override
  public Credentials credentials() {
    return host -> {
      throw ended("credentials for '" + host + "'");
    };
  }

  @Override
  public Secrets secrets() {
    return secret -> {
      throw ended("secret '" + secret + "'");
    };
  }

  @Override
  public SshAgents agents() {
    throw ended("the client's ssh agents");
  }

  @Override
  public Uploads uploads() {
    return path -> {
      throw ended("the client's upload '" + path + "'");
    };
  }

  @Override
  public LayoutAccess layouts() {
    return store -> {
      throw ended("the client's OCI layout '" + store + "'");
    };
  }
}
