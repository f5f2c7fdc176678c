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
}
