package dev.jbuild.daemon.storage;

import java.io.IOException;
import java.util.List;

/** One kind of thing that the state directory holds. */
interface Holding {

  /** All there are now, without using them. */
  List<UsageRecord> records(UseLog.Scan scan) throws IOException;

  /**
   * Removes one of {@link #records}. A process that is killed meanwhile loses nothing else.
   *
   * @return false when it is in use by now, or gone
   */
  boolean remove(UsageRecord record, UseLog.Scan scan) throws IOException;

  /** To be called after some were removed. */
  default void swept() {}
}
