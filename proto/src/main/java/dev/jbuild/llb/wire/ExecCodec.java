package dev.jbuild.llb.wire;

import dev.jbuild.llb.CdiDevice;
import dev.jbuild.llb.ExecMeta;
import dev.jbuild.llb.ExecMeta.HostIp;
import dev.jbuild.llb.ExecMeta.ProxyEnv;
import dev.jbuild.llb.ExecMeta.Ulimit;
import dev.jbuild.llb.LlbOp.ExecOp;
import dev.jbuild.llb.MountSpec;
import dev.jbuild.llb.NetMode;
import dev.jbuild.llb.SecretEnv;
import dev.jbuild.llb.SecurityMode;
import java.util.ArrayList;
import java.util.List;

/** Processes. Source: wire-llb facts, "ExecOp". */
final class ExecCodec {
  private ExecCodec() {}

  static ExecOp decode(OpPlace place, pb.ExecOp wire) {
    if (!wire.hasMeta()) {
      throw place.invalid("exec has no meta");
    }
    if (wire.getMeta().getArgsCount() == 0) {
      throw place.invalid("exec has no args");
    }
    var secretEnv = new ArrayList<SecretEnv>();
    for (pb.SecretEnv secret : wire.getSecretenvList()) {
      secretEnv.add(new SecretEnv(secret.getID(), secret.getName(), secret.getOptional()));
    }
    var devices = new ArrayList<CdiDevice>();
    for (pb.CDIDevice device : wire.getCdiDevicesList()) {
      devices.add(new CdiDevice(device.getName(), device.getOptional()));
    }
    return new ExecOp(
        decode(wire.getMeta()),
        mounts(place, wire.getMountsList()),
        network(place, wire),
        security(place, wire),
        secretEnv,
        devices);
  }

  private static List<MountSpec> mounts(OpPlace place, List<pb.Mount> wire) {
    var mounts = new ArrayList<MountSpec>();
    int roots = 0;
    for (pb.Mount mount : wire) {
      MountSpec decoded = MountCodec.decode(place, mount, wire.size());
      boolean root = decoded.dest().equals("/");
      if (root && decoded.type() != MountSpec.Type.BIND) {
        throw place.invalid("mount '/' is of type " + decoded.type() + ", want BIND");
      }
      roots += root ? 1 : 0;
      mounts.add(decoded);
    }
    if (roots != 1) {
      throw place.invalid("exec has " + roots + " mounts '/', want 1");
    }
    return mounts;
  }

  private static NetMode network(OpPlace place, pb.ExecOp wire) {
    return switch (wire.getNetwork()) {
      case UNSET -> NetMode.SANDBOX;
      case HOST -> NetMode.HOST;
      case NONE -> NetMode.NONE;
      case UNRECOGNIZED -> throw place.invalid("unknown network mode " + wire.getNetworkValue());
    };
  }

  private static SecurityMode security(OpPlace place, pb.ExecOp wire) {
    return switch (wire.getSecurity()) {
      case SANDBOX -> SecurityMode.SANDBOX;
      case INSECURE -> SecurityMode.INSECURE;
      case UNRECOGNIZED -> throw place.invalid("unknown security mode " + wire.getSecurityValue());
    };
  }

  private static ExecMeta decode(pb.Meta wire) {
    var hosts = new ArrayList<HostIp>();
    for (pb.HostIP host : wire.getExtraHostsList()) {
      hosts.add(new HostIp(host.getHost(), host.getIP()));
    }
    var ulimits = new ArrayList<Ulimit>();
    for (pb.Ulimit ulimit : wire.getUlimitList()) {
      ulimits.add(new Ulimit(ulimit.getName(), ulimit.getSoft(), ulimit.getHard()));
    }
    pb.ProxyEnv proxy = wire.getProxyEnv();
    return new ExecMeta(
        wire.getArgsList(),
        wire.getEnvList(),
        wire.getCwd(),
        wire.getUser(),
        new ProxyEnv(
            proxy.getHttpProxy(),
            proxy.getHttpsProxy(),
            proxy.getFtpProxy(),
            proxy.getNoProxy(),
            proxy.getAllProxy()),
        hosts,
        wire.getHostname(),
        ulimits,
        wire.getCgroupParent(),
        wire.getRemoveMountStubsRecursive(),
        wire.getValidExitCodesList());
  }

  static pb.ExecOp encode(ExecOp exec) {
    var wire =
        pb.ExecOp.newBuilder()
            .setMeta(encode(exec.meta()))
            .setNetwork(
                switch (exec.network()) {
                  case SANDBOX -> pb.NetMode.UNSET;
                  case HOST -> pb.NetMode.HOST;
                  case NONE -> pb.NetMode.NONE;
                })
            .setSecurity(
                switch (exec.security()) {
                  case SANDBOX -> pb.SecurityMode.SANDBOX;
                  case INSECURE -> pb.SecurityMode.INSECURE;
                });
    for (MountSpec mount : exec.mounts()) {
      wire.addMounts(MountCodec.encode(mount));
    }
    for (SecretEnv secret : exec.secretEnv()) {
      wire.addSecretenv(
          pb.SecretEnv.newBuilder()
              .setID(secret.id())
              .setName(secret.name())
              .setOptional(secret.optional()));
    }
    for (CdiDevice device : exec.devices()) {
      wire.addCdiDevices(
          pb.CDIDevice.newBuilder().setName(device.name()).setOptional(device.optional()));
    }
    return wire.build();
  }

  private static pb.Meta encode(ExecMeta meta) {
    var wire =
        pb.Meta.newBuilder()
            .addAllArgs(meta.args())
            .addAllEnv(meta.env())
            .setCwd(meta.cwd())
            .setUser(meta.user())
            .setHostname(meta.hostname())
            .setCgroupParent(meta.cgroupParent())
            .setRemoveMountStubsRecursive(meta.removeMountStubsRecursive())
            .addAllValidExitCodes(meta.validExitCodes());
    ProxyEnv proxy = meta.proxyEnv();
    if (!proxy.equals(ProxyEnv.NONE)) {
      wire.setProxyEnv(
          pb.ProxyEnv.newBuilder()
              .setHttpProxy(proxy.httpProxy())
              .setHttpsProxy(proxy.httpsProxy())
              .setFtpProxy(proxy.ftpProxy())
              .setNoProxy(proxy.noProxy())
              .setAllProxy(proxy.allProxy()));
    }
    for (HostIp host : meta.extraHosts()) {
      wire.addExtraHosts(pb.HostIP.newBuilder().setHost(host.host()).setIP(host.ip()));
    }
    for (Ulimit ulimit : meta.ulimits()) {
      wire.addUlimit(
          pb.Ulimit.newBuilder()
              .setName(ulimit.name())
              .setSoft(ulimit.soft())
              .setHard(ulimit.hard()));
    }
    return wire.build();
  }
}
