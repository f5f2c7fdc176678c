package dev.jbuild.daemon.build;

/**
 * Is told of builds that begin and end. Called by the build's thread, which waits: an
 * implementation does not block and does not throw. Safe for use by several threads.
 */
public interface BuildJournal {
  /** Forgets all. */
  BuildJournal NONE =
      new BuildJournal() {
        @Override
        public void begins(Build build, BuildRequest request) {}

        @Override
        public void ends(Build build, Build.Outcome outcome, NetworkReports reports) {}
      };

  /** Nothing of the build has run yet. */
  void begins(Build build, BuildRequest request);

  /**
   * Nothing of the build is left, its log is closed, and its client has no answer yet.
   *
   * @param reports have the build's, if it has one
   */
  void ends(Build build, Build.Outcome outcome, NetworkReports reports);
}
