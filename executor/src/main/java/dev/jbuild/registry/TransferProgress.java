package dev.jbuild.registry;

/** Told how transfers go. Safe for use by several threads; must not block. */
public interface TransferProgress {

  /** Tells nobody. */
  TransferProgress NONE =
      new TransferProgress() {
        @Override
        public void status(String id, long currentBytes, long totalBytes, boolean done) {}

        @Override
        public void note(String line) {}
      };

  /**
   * How far one transfer is.
   *
   * @param id the blob's digest, or {@code resolve <ref>}
   * @param totalBytes 0 when not known
   */
  void status(String id, long currentBytes, long totalBytes, boolean done);

  /** One line for the step's log: a request that is repeated, a mirror that is passed over. */
  void note(String line);
}
