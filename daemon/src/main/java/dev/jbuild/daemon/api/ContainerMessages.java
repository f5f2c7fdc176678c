package dev.jbuild.daemon.api;

import dev.jbuild.daemon.gateway.ContainerSpec;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.llb.LlbOp.ExecOp;
import dev.jbuild.llb.wire.ContainerCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import moby.buildkit.v1.frontend.InitMessage;
import moby.buildkit.v1.frontend.NewContainerRequest;

/** Requests for containers and their processes. Source: reference wire-gateway, section 7. */
final class ContainerMessages {
  private static final int MOUNTS = 1_000;
  private static final int LAST_SIGNAL = 64;

  private static final Map<String, Integer> SIGNALS =
      Map.ofEntries(
          Map.entry("HUP", 1),
          Map.entry("INT", 2),
          Map.entry("QUIT", 3),
          Map.entry("ABRT", 6),
          Map.entry("KILL", 9),
          Map.entry("USR1", 10),
          Map.entry("SEGV", 11),
          Map.entry("USR2", 12),
          Map.entry("PIPE", 13),
          Map.entry("ALRM", 14),
          Map.entry("TERM", 15),
          Map.entry("CHLD", 17),
          Map.entry("CONT", 18),
          Map.entry("STOP", 19),
          Map.entry("TSTP", 20),
          Map.entry("TTIN", 21),
          Map.entry("TTOU", 22),
          Map.entry("URG", 23),
          Map.entry("WINCH", 28));

  private ContainerMessages() {}

  static ContainerSpec container(NewContainerRequest request) {
    String name = "container '" + request.getContainerID() + "'";
    if (request.getMountsCount() > MOUNTS) {
      throw new BuildException(
          Code.INVALID, name + ": " + request.getMountsCount() + " mounts, at most " + MOUNTS);
    }
    // The process that it is read with is not the one that will run in it.
    var meta =
        pb.Meta.newBuilder()
            .addArgs("unknown")
            .addAllExtraHosts(request.getExtraHostsList())
            .setHostname(request.getHostname());
    var wire = pb.ExecOp.newBuilder().setMeta(meta).setNetworkValue(request.getNetworkValue());
    var refs = new ArrayList<String>();
    for (pb.Mount mount : request.getMountsList()) {
      String ref = mount.getResultID();
      if (!ref.isEmpty() && !refs.contains(ref)) {
        refs.add(ref);
      }
      wire.addMounts(
          mount.toBuilder().setInput(ref.isEmpty() ? -1 : refs.indexOf(ref)).setOutput(-1));
    }
    ExecOp op = ContainerCodec.decode(name, wire.build(), refs.size());
    return new ContainerSpec(request.getContainerID(), op, refs);
  }

  /** What shall run; its mounts and its network do not count. */
  static ExecOp process(InitMessage init) {
    pb.Meta meta = init.getMeta();
    if (init.getTty() && meta.getEnvList().stream().noneMatch(env -> env.startsWith("TERM="))) {
      meta = meta.toBuilder().addEnv("TERM=xterm").build();
    }
    var wire =
        pb.ExecOp.newBuilder()
            .setMeta(meta)
            .addMounts(pb.Mount.newBuilder().setDest("/").setInput(-1).setOutput(-1))
            .setSecurityValue(init.getSecurityValue())
            .addAllSecretenv(init.getSecretenvList());
    return ContainerCodec.decode(
        "process in container '" + init.getContainerID() + "'", wire.build(), 0);
  }

  /** The number of a signal that is named, with or without {@code SIG}, or is a number. */
  static int signal(String name) {
    String upper = name.toUpperCase(Locale.ROOT);
    Integer known = SIGNALS.get(upper.startsWith("SIG") ? upper.substring(3) : upper);
    if (known != null) {
      return known;
    }
    if (List.of(1, 2).contains(name.length()) && name.chars().allMatch(c -> c >= '0' && c <= '9')) {
      int number = Integer.parseInt(name);
      if (number >= 1 && number <= LAST_SIGNAL) {
        return number;
      }
    }
    throw new BuildException(Code.INVALID, "signal: there is none named '" + name + "'");
  }
}
