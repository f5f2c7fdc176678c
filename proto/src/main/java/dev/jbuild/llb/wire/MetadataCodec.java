package dev.jbuild.llb.wire;

import dev.jbuild.llb.OpMetadata;
import dev.jbuild.llb.OpMetadata.LinuxResources;
import dev.jbuild.llb.OpMetadata.ProgressGroup;

/** What is said about an op beside its bytes. */
final class MetadataCodec {
  private MetadataCodec() {}

  static OpMetadata decode(pb.OpMetadata wire) {
    return new OpMetadata(
        wire.getIgnoreCache(),
        wire.getDescriptionMap(),
        wire.hasExportCache() ? wire.getExportCache().getValue() : null,
        wire.getCapsMap(),
        wire.hasProgressGroup() ? decode(wire.getProgressGroup()) : null,
        wire.hasLinuxResources() ? decode(wire.getLinuxResources()) : null);
  }

  private static ProgressGroup decode(pb.ProgressGroup wire) {
    return new ProgressGroup(wire.getId(), wire.getName(), wire.getWeak());
  }

  private static LinuxResources decode(pb.LinuxResources wire) {
    return new LinuxResources(
        wire.getMemory(),
        wire.getMemorySwap(),
        wire.getCpuShares(),
        wire.getCpuPeriod(),
        wire.getCpuQuota(),
        wire.getCpusetCpus(),
        wire.getCpusetMems());
  }

  static pb.OpMetadata encode(OpMetadata metadata) {
    var wire =
        pb.OpMetadata.newBuilder()
            .setIgnoreCache(metadata.ignoreCache())
            .putAllDescription(metadata.description())
            .putAllCaps(metadata.caps());
    Boolean exportCache = metadata.exportCache();
    if (exportCache != null) {
      wire.setExportCache(pb.ExportCache.newBuilder().setValue(exportCache));
    }
    ProgressGroup group = metadata.progressGroup();
    if (group != null) {
      wire.setProgressGroup(
          pb.ProgressGroup.newBuilder()
              .setId(group.id())
              .setName(group.name())
              .setWeak(group.weak()));
    }
    LinuxResources resources = metadata.linuxResources();
    if (resources != null) {
      wire.setLinuxResources(encode(resources));
    }
    return wire.build();
  }

  private static pb.LinuxResources encode(LinuxResources resources) {
    return pb.LinuxResources.newBuilder()
        .setMemory(resources.memoryBytes())
        .setMemorySwap(resources.memorySwapBytes())
        .setCpuShares(resources.cpuShares())
        .setCpuPeriod(resources.cpuPeriodMicros())
        .setCpuQuota(resources.cpuQuotaMicros())
        .setCpusetCpus(resources.cpusetCpus())
        .setCpusetMems(resources.cpusetMems())
        .build();
  }
}
