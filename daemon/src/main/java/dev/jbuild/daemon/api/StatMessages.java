package dev.jbuild.daemon.api;

import com.google.protobuf.ByteString;
import dev.jbuild.daemon.build.FileEntry;
import dev.jbuild.session.GoModes;
import fsutil.types.Stat;

/** Writes what is known of files. */
final class StatMessages {
  private StatMessages() {}

  static Stat of(FileEntry entry) {
    var stat =
        Stat.newBuilder()
            .setPath(entry.name())
            .setMode(GoModes.ofStat(entry.mode()))
            .setUid(entry.uid())
            .setGid(entry.gid())
            .setSize(entry.sizeBytes())
            .setModTime(entry.modifiedNanos())
            .setLinkname(entry.linkTarget())
            .setDevmajor(entry.deviceMajor())
            .setDevminor(entry.deviceMinor());
    entry
        .attributes()
        .forEach((name, value) -> stat.putXattrs(name, ByteString.copyFrom(value.toArray())));
    return stat.build();
  }
}
