package dev.jbuild.daemon.api;

import dev.jbuild.daemon.storage.GcPolicy;
import dev.jbuild.daemon.storage.RecordFilter;
import java.util.List;
import moby.buildkit.v1.ListWorkersResponse;
import moby.buildkit.v1.types.BuildkitVersion;
import moby.buildkit.v1.types.GCPolicy;
import moby.buildkit.v1.types.WorkerRecord;
import org.jspecify.annotations.Nullable;
import pb.Platform;

/** Says who builds. Source: reference wire-control, section 6. */
record WorkerMessages(WorkerInfo worker) {
  private static final String PACKAGE = "dev.jbuild";
  private static final String LABELS = "labels.";

  /** The worker, if one of the filters lets it pass; they ask for {@code id} and labels. */
  ListWorkersResponse list(List<String> filters) {
    var response = ListWorkersResponse.newBuilder();
    if (RecordFilter.parse(filters).matches(this::field)) {
      response.addRecord(record());
    }
    return response.build();
  }

  private @Nullable String field(String name) {
    return name.startsWith(LABELS)
        ? worker.labels().get(name.substring(LABELS.length()))
        : name.equals("id") ? worker.id() : null;
  }

  WorkerRecord record() {
    var record =
        WorkerRecord.newBuilder()
            .setID(worker.id())
            .putAllLabels(worker.labels())
            .setBuildkitVersion(version());
    for (dev.jbuild.oci.Platform platform : worker.platforms()) {
      record.addPlatforms(
          Platform.newBuilder()
              .setArchitecture(platform.architecture())
              .setOS(platform.os())
              .setVariant(platform.variant()));
    }
    for (GcPolicy policy : worker.policies()) {
      record.addGCPolicy(
          GCPolicy.newBuilder()
              .setAll(policy.all())
              .setKeepDuration(policy.keep().toNanos())
              .addAllFilters(policy.filters())
              .setReservedSpace(policy.reservedBytes())
              .setMaxUsedSpace(policy.maxUsedBytes())
              .setMinFreeSpace(policy.minFreeBytes()));
    }
    return record.build();
  }

  BuildkitVersion version() {
    return BuildkitVersion.newBuilder().setPackage(PACKAGE).setVersion(worker.version()).build();
  }
}
