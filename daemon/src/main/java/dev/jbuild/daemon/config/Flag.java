package dev.jbuild.daemon.config;

import java.util.List;

/**
 * A flag of the daemon and the key of the configuration that it stands for.
 *
 * @param name without dashes
 * @param help one line; empty for flags that are only tolerated
 */
record Flag(String name, Kind kind, String key, String help) {

  /** How a flag's value is written. */
  enum Kind {
    TEXT,
    NUMBER,
    /** Given several times. */
    LIST,
    /** Given several times or with commas. */
    COMMAS,
    /** Several times, {@code key=value}. */
    PAIRS,
    /** Needs no value: {@code --x}, {@code --x=false}. Takes none that stands apart. */
    SWITCH,
    /** {@code true}, {@code false} or {@code auto}. */
    SWITCH_OR_AUTO,
    /** {@code RESERVED[,FREE[,MAXIMUM]]} in units of 1,000,000 bytes. */
    SPACES
  }

  /** All, in the order of the help. Source: buildkitd's flags. */
  static final List<Flag> ALL =
      List.of(
          new Flag("addr", Kind.LIST, "grpc.address", "where to listen, several times"),
          new Flag("root", Kind.TEXT, "root", "state directory ($JBUILD_ROOT)"),
          new Flag("config", Kind.TEXT, "", "configuration file"),
          new Flag("debug", Kind.SWITCH, "debug", "log more"),
          new Flag("trace", Kind.SWITCH, "trace", "log still more"),
          new Flag("log-format", Kind.TEXT, "log.format", "text or json"),
          new Flag("debugaddr", Kind.TEXT, "grpc.debugAddress", "of health and metrics"),
          new Flag("group", Kind.TEXT, "grpc.gid", "group of Unix sockets, name or number"),
          new Flag("tlscert", Kind.TEXT, "grpc.tls.cert", "certificate for TCP, PEM"),
          new Flag("tlskey", Kind.TEXT, "grpc.tls.key", "its key, PEM"),
          new Flag("tlscacert", Kind.TEXT, "grpc.tls.ca", "signs certificates of clients, PEM"),
          new Flag("tcp-without-tls", Kind.SWITCH, "grpc.tcp-without-tls", "only on loopback"),
          new Flag(
              "allow-insecure-entitlement",
              Kind.COMMAS,
              "insecure-entitlements",
              "grant to requests that ask, several times"),
          new Flag("oci-worker", Kind.SWITCH_OR_AUTO, "worker.oci.enabled", "true or auto"),
          new Flag("oci-worker-labels", Kind.PAIRS, "worker.oci.labels", "KEY=VALUE for clients"),
          new Flag("oci-worker-platform", Kind.COMMAS, "worker.oci.platforms", "told to clients"),
          new Flag("oci-worker-binary", Kind.TEXT, "worker.oci.binary", "crun, runc or a path"),
          new Flag("oci-worker-snapshotter", Kind.TEXT, "worker.oci.snapshotter", "of layers"),
          new Flag("oci-worker-net", Kind.TEXT, "worker.oci.networkMode", "auto, bridge or cni"),
          new Flag("oci-cni-config-path", Kind.TEXT, "worker.oci.cniConfigPath", "of a bridge"),
          new Flag("oci-cni-binary-dir", Kind.TEXT, "worker.oci.cniBinaryPath", ""),
          new Flag("oci-cni-pool-size", Kind.NUMBER, "worker.oci.cniPoolSize", "networks ready"),
          new Flag(
              "oci-max-parallelism", Kind.NUMBER, "worker.oci.max-parallelism", "steps at once"),
          new Flag("oci-worker-gc", Kind.SWITCH, "worker.oci.gc", "collect the cache"),
          new Flag("oci-worker-gc-keepstorage", Kind.SPACES, "worker.oci", "RESERVED,FREE,MAX MB"),
          new Flag("oci-worker-rootless", Kind.SWITCH, "worker.oci.rootless", ""),
          new Flag("rootless", Kind.SWITCH, "worker.oci.rootless", ""),
          new Flag("oci-worker-no-process-sandbox", Kind.SWITCH, "worker.oci.noProcessSandbox", ""),
          new Flag("oci-worker-apparmor-profile", Kind.TEXT, "worker.oci.apparmor-profile", ""),
          new Flag("oci-worker-selinux", Kind.SWITCH, "worker.oci.selinux", ""),
          new Flag(
              "oci-worker-proxy-snapshotter-path",
              Kind.TEXT,
              "worker.oci.proxySnapshotterPath",
              ""),
          new Flag("otel-socket-path", Kind.TEXT, "otel.socketPath", ""),
          new Flag("cdi-disabled", Kind.SWITCH, "cdi.disabled", ""),
          new Flag("cdi-spec-dir", Kind.LIST, "cdi.specDirs", ""),
          new Flag("containerd-worker", Kind.SWITCH_OR_AUTO, "worker.containerd.enabled", ""),
          containerd("worker-addr", Kind.TEXT),
          containerd("worker-labels", Kind.PAIRS),
          containerd("worker-platform", Kind.LIST),
          containerd("worker-namespace", Kind.TEXT),
          containerd("worker-runtime", Kind.TEXT),
          containerd("worker-net", Kind.TEXT),
          containerd("worker-snapshotter", Kind.TEXT),
          containerd("worker-apparmor-profile", Kind.TEXT),
          containerd("worker-selinux", Kind.SWITCH),
          containerd("worker-rootless", Kind.SWITCH),
          containerd("worker-gc", Kind.SWITCH),
          containerd("worker-gc-keepstorage", Kind.TEXT),
          containerd("cni-config-path", Kind.TEXT),
          containerd("cni-binary-dir", Kind.TEXT),
          containerd("cni-pool-size", Kind.TEXT),
          containerd("max-parallelism", Kind.TEXT));

  /** Of a worker that is off: nothing is read of it. */
  private static Flag containerd(String rest, Kind kind) {
    return new Flag("containerd-" + rest, kind, "worker.containerd." + rest, "");
  }
}
