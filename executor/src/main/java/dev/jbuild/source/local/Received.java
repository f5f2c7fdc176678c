package dev.jbuild.source.local;

import dev.jbuild.oci.Digest;
import dev.jbuild.session.FileSync;
import org.jspecify.annotations.Nullable;

/**
 * One path of a received context.
 *
 * @param entry as the client sent it
 * @param content of a regular file, else null; shared by hard links
 * @param linked whether the client has more names for this file
 */
record Received(FileSync.Entry entry, @Nullable Content content, boolean linked) {

  /**
   * A file in the mirror. It never changes.
   *
   * @param id names it
   * @param sizeBytes what was received, which may be more or less than the client had announced
   * @param unsettled whether it may have changed unseen just after it was read
   */
  record Content(long id, long inode, long sizeBytes, Digest digest, boolean unsettled) {}
}
