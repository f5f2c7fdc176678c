package dev.jbuild.daemon.api;

import dev.jbuild.llb.wire.PlatformCodec;
import dev.jbuild.oci.Platform;
import moby.buildkit.v1.types.BuildkitVersion;
import moby.buildkit.v1.types.WorkerRecord;

/** Writes what the daemon says of its worker. Source: reference wire-control, section 6. */
final class WorkerRecords {
  private static final String PACKAGE = "dev.jbuild";

  private WorkerRecords() {}

  static WorkerRecord of(WorkerInfo worker) {
    var record =
        WorkerRecord.newBuilder()
            .setID(worker.id())
            .putAllLabels(worker.labels())
            .setBuildkitVersion(version(worker));
    for (Platform platform : worker.platforms()) {
      record.addPlatforms(PlatformCodec.encode(platform));
    }
    return record.build();
  }

  static BuildkitVersion version(WorkerInfo worker) {
    return BuildkitVersion.newBuilder().setPackage(PACKAGE).setVersion(worker.version()).build();
  }
}
