package dev.jbuild.network.meter;

import dev.jbuild.linux.BpfKernel;
import dev.jbuild.linux.BpfProgram;
import dev.jbuild.linux.Descriptor;
import dev.jbuild.llb.NetMode;
import dev.jbuild.network.ledger.Peer;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** Counts with programs that hang on our control group. Safe for use by several threads. */
final class AttachedMeter implements Meter {
  private static final System.Logger LOG = System.getLogger(AttachedMeter.class.getName());
  private static final int TYPE_PACKET = 8;
  private static final int TYPE_SOCKET = 9;
  private static final int TYPE_ADDRESS = 18;

  private static final int INGRESS = 0;
  private static final int EGRESS = 1;
  private static final int SOCKET_CREATE = 2;
  private static final int CONNECT4 = 10;
  private static final int CONNECT6 = 11;
  private static final int SENDMSG4 = 14;
  private static final int SENDMSG6 = 15;

  private static final String LICENSE = "Apache-2.0";

  private static final Comparator<Flow> ORDER =
      Comparator.comparingInt(Flow::protocol)
          .thenComparing(flow -> flow.address().getAddress(), Arrays::compareUnsigned)
          .thenComparingInt(Flow::port);

  private final BpfKernel kernel;
  private final MeterGroups groups;
  private final MeterMaps maps;
  private final List<Descriptor> links;
  private final String kinds;

  /**
   * @param kinds why only sockets of IPv4 and IPv6 are seen, or empty when all are
   */
  private AttachedMeter(
      BpfKernel kernel, MeterGroups groups, MeterMaps maps, List<Descriptor> links, String kinds) {
    this.kernel = kernel;
    this.groups = groups;
    this.maps = maps;
    this.links = List.copyOf(links);
    this.kinds = kinds;
  }

  static AttachedMeter open(BpfKernel kernel, String groupName, int flowsPerStep, HookIds hooks)
      throws IOException {
    var opened = new ArrayList<AutoCloseable>();
    try {
      var groups = MeterGroups.open(kernel, groupName);
      opened.add(groups);
      var maps = MeterMaps.open(kernel, MeterGroups.id(groups.parent()), flowsPerStep);
      opened.add(maps);
      var links = new ArrayList<Descriptor>();
      try (var group = kernel.openGroup(groups.parent())) {
        for (var program : programs(maps)) {
          var link = attach(kernel, program, group);
          opened.add(link);
          links.add(link);
        }
        String kinds = attachSecurity(kernel, maps, hooks, group, links, opened);
        return new AttachedMeter(kernel, groups, maps, links, kinds);
      }
    } catch (IOException | RuntimeException e) {
      for (var resource : opened.reversed()) {
        try {
          resource.close();
        } catch (Exception also) {
          e.addSuppressed(also);
        }
      }
      throw e;
    }
  }

  private static Descriptor attach(BpfKernel kernel, BpfProgram program, Descriptor group)
      throws IOException {
    try (var loaded = kernel.load(program)) {
      return kernel.attach(loaded, group, program.attachType());
    }
  }

  /** Gives the reason why sockets of other families are not seen, or an empty text. */
  private static String attachSecurity(
      BpfKernel kernel,
      MeterMaps maps,
      HookIds hooks,
      Descriptor group,
      List<Descriptor> links,
      List<AutoCloseable> opened) {
    try {
      for (var program : SecurityPrograms.of(kernel, maps, hooks)) {
        var link = attach(kernel, program, group);
        opened.add(link);
        links.add(link);
      }
      return "";
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "only sockets of IPv4 and IPv6 are watched", e);
      return "netlink and packet sockets are not watched: " + e.getMessage();
    }
  }

  private static List<BpfProgram> programs(MeterMaps maps) {
    return List.of(
        program("jb_create", TYPE_SOCKET, SOCKET_CREATE, SocketPrograms.creation(maps)),
        program("jb_out", TYPE_PACKET, EGRESS, PacketProgram.assemble(maps, true)),
        program("jb_in", TYPE_PACKET, INGRESS, PacketProgram.assemble(maps, false)),
        address("jb_connect4", CONNECT4, maps, false, false),
        address("jb_connect6", CONNECT6, maps, true, false),
        address("jb_send4", SENDMSG4, maps, false, true),
        address("jb_send6", SENDMSG6, maps, true, true));
  }

  private static BpfProgram address(
      String name, int attachType, MeterMaps maps, boolean ip6, boolean sends) {
    byte[] code = SocketPrograms.destination(maps, ip6, sends);
    return program(name, TYPE_ADDRESS, attachType, code);
  }

  private static BpfProgram program(String name, int type, int attachType, byte[] code) {
    return new BpfProgram(name, type, attachType, 0, LICENSE, ByteBuffer.wrap(code));
  }

  @Override
  public StepMeter open(String stepId, NetMode mode) throws IOException {
    var group = groups.makeStep();
    try {
      var step = new Step(group, MeterGroups.id(group), mode);
      kernel.update(maps.counts(), StepCounts.key(step.id), new byte[StepCounts.BYTES]);
      return step;
    } catch (IOException e) {
      groups.removeStep(group);
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    for (var link : links.reversed()) {
      link.close();
    }
    maps.close();
    groups.close();
  }

  private final class Step implements StepMeter {
    private final Path group;
    private final long id;
    private final NetMode mode;
    private List<byte[]> known = List.of();
    private boolean closed;

    Step(Path group, long id, NetMode mode) {
      this.group = group;
      this.id = id;
      this.mode = mode;
    }

    @Override
    public Path group() {
      return group;
    }

    @Override
    public Reading read() throws IOException {
      var counts = counts();
      var flows = new ArrayList<Flow>();
      if (counts.flows() != 0) {
        known = entries();
        known.forEach(entry -> flows.add(Flow.read(entry)));
      }
      flows.sort(ORDER);
      var peers = new ArrayList<Peer>();
      flows.forEach(flow -> peers.add(flow.peer()));
      return new Reading(quiet(counts), peers, notSeen(counts));
    }

    private StepCounts counts() throws IOException {
      var value = new byte[StepCounts.BYTES];
      if (!kernel.lookUp(maps.counts(), StepCounts.key(id), value)) {
        throw new IOException("network meter: the counts of step group " + id + " are gone");
      }
      return StepCounts.read(value);
    }

    private List<byte[]> entries() throws IOException {
      var own = new ArrayList<byte[]>();
      for (byte[] entry : kernel.entries(maps.flows())) {
        var key = ByteBuffer.wrap(entry).order(ByteOrder.LITTLE_ENDIAN);
        if (key.getLong(Flow.STEP) == id) {
          own.add(entry);
        }
      }
      return own;
    }

    private boolean quiet(StepCounts counts) {
      boolean inside =
          switch (mode) {
            case HOST -> counts.sockets() == 0;
            case SANDBOX, NONE -> counts.odd() == 0 && counts.beyond() == 0;
          };
      return inside && counts.others() == 0 && counts.interfaces() == 0 && counts.lost() == 0;
    }

    private List<String> notSeen(StepCounts counts) {
      var sentences = new ArrayList<String>();
      if (!kinds.isEmpty()) {
        sentences.add(kinds);
      }
      if (counts.packet() != 0) {
        sentences.add("the step opened a packet socket: what went through that is not counted");
      }
      if (counts.lost() != 0) {
        sentences.add("the step had more than " + counts.flows() + " peers: others are not listed");
      }
      return sentences;
    }

    @Override
    public void close() throws IOException {
      if (closed) {
        return;
      }
      closed = true;
      try {
        int flows = counts().flows();
        kernel.delete(maps.counts(), StepCounts.key(id)); // from here on nothing is added
        if (flows != 0) {
          var entries = flows == known.size() ? known : entries();
          var keys = new ArrayList<byte[]>();
          entries.forEach(entry -> keys.add(Arrays.copyOf(entry, Flow.KEY_BYTES)));
          kernel.deleteAll(maps.flows(), keys);
        }
      } finally {
        groups.removeStep(group);
      }
    }
  }
}
