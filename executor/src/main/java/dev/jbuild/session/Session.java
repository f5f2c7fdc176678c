package dev.jbuild.session;

/**
 * What the client of one build serves. A part that a client does not serve throws a clear NOT_FOUND
 * when asked.
 */
public interface Session {
  String id();

  FileSync files();

  OutputSink outputs();

  Credentials credentials();

  Secrets secrets();

  /** The user's ssh agents; none unless it says otherwise. */
  default SshAgents agents() {
    return SshAgents.NONE;
  }

  /** What the client offers to be read once; none unless it says otherwise. */
  default Uploads uploads() {
    return Uploads.NONE;
  }

  /** The client's OCI layouts; none unless it says otherwise. */
  default LayoutAccess layouts() {
    return LayoutAccess.NONE;
  }

  /**
   * The session that a graph names in place of the build's own, so that several builds share what
   * one client serves; this one where it is not there.
   *
   * @param id as unguessable as all of them: who knows it may use it
   */
  default Session other(String id) {
    return this;
  }
}
