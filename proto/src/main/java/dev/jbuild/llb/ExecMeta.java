package dev.jbuild.llb;

import java.util.List;

/**
 * The process of an {@link LlbOp.ExecOp}. Source: {@code pb.Meta}.
 *
 * @param args at least one
 * @param env {@code K=V} each
 * @param cwd absolute, or empty for {@code /}
 * @param user {@code name}, {@code uid}, {@code name:group}, {@code uid:gid}; empty is root
 * @param hostname empty for the default
 * @param validExitCodes empty means only 0
 */
public record ExecMeta(
    List<String> args,
    List<String> env,
    String cwd,
    String user,
    ProxyEnv proxyEnv,
    List<HostIp> extraHosts,
    String hostname,
    List<Ulimit> ulimits,
    String cgroupParent,
    boolean removeMountStubsRecursive,
    List<Integer> validExitCodes) {

  public ExecMeta {
    args = List.copyOf(args);
    env = List.copyOf(env);
    extraHosts = List.copyOf(extraHosts);
    ulimits = List.copyOf(ulimits);
    validExitCodes = List.copyOf(validExitCodes);
  }

  /** One line of {@code /etc/hosts}. */
  public record HostIp(String host, String ip) {}

  /** A resource limit; -1 is unlimited. */
  public record Ulimit(String name, long soft, long hard) {}

  /** Proxy settings, empty where not set; never part of a cache key. */
  public record ProxyEnv(
      String httpProxy, String httpsProxy, String ftpProxy, String noProxy, String allProxy) {
    public static final ProxyEnv NONE = new ProxyEnv("", "", "", "", "");
  }
}
