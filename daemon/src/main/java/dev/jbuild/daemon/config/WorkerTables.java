package dev.jbuild.daemon.config;

import dev.jbuild.daemon.config.DaemonConfig.Worker;
import dev.jbuild.error.BuildException;
import dev.jbuild.oci.Platform;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Reads {@code [worker.oci]}; {@code [worker.containerd]} may be there when it is off. */
final class WorkerTables {
  private static final int MAX_PARALLELISM = 100_000;

  private WorkerTables() {}

  static Worker worker(ConfigTable oci) {
    Worker usual = Worker.DEFAULT;
    if (!oci.bool("enabled", true)) {
      throw oci.invalid("enabled", "'false' leaves no worker: jbuild has only this one");
    }
    refuse(oci);
    oci.withoutEffect("stargzSnapshotter", "layers are not loaded lazily from registries");
    oci.tolerate("isolateCgroups");
    return new Worker(
        oci.number("max-parallelism", usual.maxParallelism(), 0, MAX_PARALLELISM),
        networkMode(oci),
        oci.oneOf("snapshotter", usual.snapshotter(), List.of("auto", "overlayfs", "native")),
        oci.string("binary", usual.binary()),
        oci.texts("labels"),
        platforms(oci),
        gc(oci));
  }

  private static void refuse(ConfigTable oci) {
    oci.refuseOn("rootless", "is not offered: run the daemon as root");
    oci.refuseOn("noProcessSandbox", "is not offered: steps always have their own processes");
    oci.refuseOn("selinux", "is not offered: steps get no SELinux labels; leave it out");
    oci.refuseText("apparmor-profile", "is not offered: steps get no AppArmor profile");
    oci.refuseText("proxySnapshotterPath", "is not offered: use overlayfs or native");
    oci.refuseText("defaultCgroupParent", "is not offered; a build may name its own");
    oci.refuseText("userRemapUnsupported", "is not offered");
  }

  private static String networkMode(ConfigTable oci) {
    String word = oci.string("networkMode", Worker.DEFAULT.networkMode());
    try {
      return Worker.networkMode(word);
    } catch (BuildException e) {
      throw oci.invalid("networkMode", e.message());
    }
  }

  private static List<Platform> platforms(ConfigTable oci) {
    var platforms = new ArrayList<Platform>();
    for (String text : oci.strings("platforms")) {
      try {
        platforms.add(Platform.parse(text.strip(), Platform.host()));
      } catch (IllegalArgumentException e) {
        throw oci.invalid("platforms", String.valueOf(e.getMessage()));
      }
    }
    return platforms;
  }

  private static GcSettings gc(ConfigTable oci) {
    var policies = new ArrayList<GcSettings.Policy>();
    for (ConfigTable each : oci.elements("gcpolicy")) {
      policies.add(
          new GcSettings.Policy(
              each.bool("all", false),
              each.duration("keepDuration", Duration.ZERO),
              each.strings("filters"),
              space(each, "keepBytes")));
      each.warnOfOthers();
    }
    return new GcSettings(oci.bool("gc", true), space(oci, "gckeepstorage"), policies);
  }

  /**
   * @param old name of reservedSpace
   */
  private static GcSettings.Space space(ConfigTable table, String old) {
    DiskSpace reserved = table.space("reservedSpace");
    DiskSpace before = table.space(old);
    return new GcSettings.Space(
        reserved.given() ? reserved : before,
        table.space("maxUsedSpace"),
        table.space("minFreeSpace"));
  }

  /** The other worker of buildkitd: it may be described, and off. */
  static void containerd(ConfigTable table) {
    if (table.isText("enabled")) {
      table.oneOf("enabled", "auto", List.of("auto"));
    } else if (table.bool("enabled", false)) {
      throw table.invalid(
          "enabled", "'true' is not offered: jbuild runs steps itself; use the oci worker");
    }
    table.tolerateAll();
  }
}
