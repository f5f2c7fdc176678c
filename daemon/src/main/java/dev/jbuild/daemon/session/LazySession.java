package dev.jbuild.daemon.session;

import dev.jbuild.session.Credentials;
import dev.jbuild.session.FileSync;
import dev.jbuild.session.LayoutAccess;
import dev.jbuild.session.OutputSink;
import dev.jbuild.session.Secrets;
import dev.jbuild.session.Session;
import dev.jbuild.session.SshAgents;
import dev.jbuild.session.Uploads;

/**
 * A session that a request names. Clients open it beside the request, so it may come later: it is
 * waited for when something of it is needed.
 */
record LazySession(String id, SessionRegistry registry) implements Session {

  private Session found() {
    return registry.await(id);
  }

  @Override
  public FileSync files() {
    return found().files();
  }

  @Override
  public OutputSink outputs() {
    return found().outputs();
  }

  @Override
  public Credentials credentials() {
    return found().credentials();
  }

  @Override
  public Secrets secrets() {
    return found().secrets();
  }

  @Override
  public SshAgents agents() {
    return found().agents();
  }

  @Override
  public Uploads uploads() {
    return found().uploads();
  }

  @Override
  public LayoutAccess layouts() {
    return found().layouts();
  }

  /** One that is not there is waited for as long as the build's own. */
  @Override
  public Session other(String wanted) {
    if (wanted.isEmpty() || wanted.equals(id)) {
      return this;
    }
    return switch (registry.await(wanted)) {
      case AbsentSession absent -> this;
      case EndedSession ended -> this;
      case Session found -> found;
    };
  }
}
