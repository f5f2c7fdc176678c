package dev.jbuild.dockerfile.options;

import dev.jbuild.llb.ExecMeta.HostIp;
import dev.jbuild.llb.ExecMeta.ProxyEnv;
import dev.jbuild.llb.ExecMeta.Ulimit;
import dev.jbuild.llb.NetMode;
import dev.jbuild.llb.OpMetadata.LinuxResources;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What holds for every RUN of a build.
 *
 * @param network where the instruction says nothing or {@code default}
 * @param hostname or empty
 * @param cgroupParent or empty
 * @param shmBytes 0 for the default
 * @param cacheNamespace put before the ids of cache mounts, or empty
 */
public record RunOptions(
    NetMode network,
    List<HostIp> hosts,
    String hostname,
    String cgroupParent,
    long shmBytes,
    List<Ulimit> ulimits,
    @Nullable LinuxResources resources,
    ProxyEnv proxy,
    String cacheNamespace) {
  public RunOptions {
    hosts = List.copyOf(hosts);
    ulimits = List.copyOf(ulimits);
  }
}
