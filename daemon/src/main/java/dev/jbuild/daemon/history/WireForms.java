package dev.jbuild.daemon.history;

import dev.jbuild.daemon.build.LogEntry;
import dev.jbuild.oci.Bytes;
import java.util.List;

/** How things are written that clients read as messages of the API. Safe for several threads. */
public interface WireForms {

  /** One message with these entries; nothing where they say nothing to clients. */
  Bytes status(List<LogEntry> entries);

  /** A failed build's failure. */
  Failed failed(Throwable failure);

  /**
   * A failure as clients get it.
   *
   * @param status the message with all details
   */
  record Failed(BuildRecord.Failure failure, Bytes status) {}
}
