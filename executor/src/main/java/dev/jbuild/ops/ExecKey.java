package dev.jbuild.ops;

import dev.jbuild.llb.ExecMeta;
import dev.jbuild.llb.LlbOp;
import dev.jbuild.llb.MountSpec;
import dev.jbuild.llb.NetMode;
import dev.jbuild.netplan.HostPorts;
import dev.jbuild.netplan.NetworkPlan;
import dev.jbuild.oci.Digest;
import dev.jbuild.oci.Platform;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * What identifies a step without its inputs. Left out is what cannot or must not change its result:
 * proxies, addresses of extra hosts, limits, and which persistent directory a cache mount shows.
 * The network is a key of its own on top: a step that used none is the same in every one. Source:
 * BuildKit's rules for {@code ExecOp}, reference/wire-llb.md section 3.
 */
final class ExecKey {
  private ExecKey() {}

  /** With all that the step may meet in its network; nothing can be met where there is none. */
  static Digest inNetwork(Digest independent, NetMode mode, NetworkPlan plan, String surroundings) {
    var key = new KeyHash("jbuild.exec.network.v1").text(independent.hex()).text(mode.name());
    if (mode != NetMode.NONE) {
      key.texts(plan.dns().servers().stream().map(InetAddress::getHostAddress).toList());
      key.texts(plan.dns().search()).texts(plan.dns().options());
      key.text(plan.egress().toString());
      key.texts(plan.hostPorts().stream().map(HostPorts::toString).sorted().toList());
      key.text(surroundings);
    }
    return key.digest();
  }

  /** Without anything of the network. */
  static Digest independent(LlbOp.ExecOp op, @Nullable Platform platform) {
    var key = new KeyHash("jbuild.exec.v2").platform(platform);
    meta(key, op.meta());
    key.text(op.security().name());
    key.number(op.mounts().size());
    for (MountSpec mount : op.mounts()) {
      mount(key, mount);
    }
    key.number(op.secretEnv().size());
    op.secretEnv().forEach(s -> key.text(s.id()).text(s.name()).flag(s.optional()));
    key.number(op.devices().size());
    op.devices().forEach(d -> key.text(d.name()).flag(d.optional()));
    return key.digest();
  }

  private static void meta(KeyHash key, ExecMeta meta) {
    key.texts(meta.args()).texts(meta.env()).text(meta.cwd()).text(meta.user());
    key.texts(meta.extraHosts().stream().map(ExecMeta.HostIp::host).toList());
    key.text(meta.hostname());
    key.number(meta.ulimits().size());
    meta.ulimits().forEach(u -> key.text(u.name()).number(u.soft()).number(u.hard()));
    key.flag(meta.removeMountStubsRecursive());
    key.texts(meta.validExitCodes().stream().map(String::valueOf).toList());
  }

  private static void mount(KeyHash key, MountSpec mount) {
    key.text(mount.type().name()).text(mount.dest()).flag(mount.readonly());
    key.number(mount.input()).number(mount.output());
    switch (mount.options()) {
      case MountSpec.Tmpfs tmpfs -> key.number(tmpfs.sizeBytes());
      case MountSpec.Secret secret -> {
        key.text(secret.id()).number(secret.uid()).number(secret.gid());
        key.number(secret.mode()).flag(secret.optional());
      }
      case MountSpec.Ssh ssh -> {
        key.text(ssh.id()).number(ssh.uid()).number(ssh.gid());
        key.number(ssh.mode()).flag(ssh.optional());
      }
      case MountSpec.Cache cache -> key.text("cache");
      case null -> key.text("");
    }
  }
}
