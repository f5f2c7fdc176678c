package dev.jbuild.network.bridge;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.linux.netlink.ElementKey;
import dev.jbuild.linux.netlink.SetElement;
import dev.jbuild.netplan.HostPorts;
import java.net.Inet4Address;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Ports of the host that a step reaches at {@code 127.0.0.1}: inside the step's namespace they are
 * sent to the gateway, and there to the host's address.
 *
 * @param ports in order, no two of them overlap
 */
record GrantedPorts(List<HostPorts> ports) {
  private static final int TCP = 6;
  private static final int UDP = 17;
  private static final int DNS = 53;

  GrantedPorts {
    ports = List.copyOf(ports);
  }

  /**
   * Puts grants in order.
   *
   * @throws BuildException INVALID where they cannot be given
   */
  static GrantedPorts of(List<HostPorts> granted) {
    var sorted = new ArrayList<>(granted);
    sorted.sort(Comparator.comparingInt(HostPorts::first));
    var merged = new ArrayList<HostPorts>();
    for (var next : sorted) {
      check(next);
      var last = merged.isEmpty() ? null : merged.getLast();
      if (last == null || last.last() < next.first()) {
        merged.add(next);
      } else if (last.address().equals(next.address())) {
        int end = Math.max(last.last(), next.last());
        merged.set(merged.size() - 1, new HostPorts(last.address(), last.first(), end));
      } else {
        throw new BuildException(
            Code.INVALID,
            "host ports %s and %s: an isolated step has both at localhost:%d; grant one of them"
                .formatted(last, next, next.first()));
      }
    }
    return new GrantedPorts(merged);
  }

  private static void check(HostPorts ports) {
    if (!(ports.address() instanceof Inet4Address)) {
      throw new BuildException(
          Code.INVALID,
          "host port "
              + ports
              + ": only IPv4 addresses of the host can be reached from an isolated step; let the"
              + " service listen at 127.0.0.1, too, or use the host's network for the step");
    }
    if (ports.first() == DNS && ports.last() == DNS) {
      throw new BuildException(
          Code.INVALID,
          "host port "
              + ports
              + ": port 53 is where an isolated step has its resolver; name the host's with --dns");
    }
  }

  /** Elements of the set of what may be reached. */
  List<SetElement> allowed(Inet4Address step) {
    var elements = new ArrayList<SetElement>();
    for (var granted : ports) {
      elements.add(element(step, TCP, granted));
      elements.add(element(step, UDP, granted));
    }
    return elements;
  }

  /** Elements of the map of where it is. */
  List<SetElement> targets(Inet4Address step) {
    var elements = new ArrayList<SetElement>();
    for (var granted : ports) {
      var target = new SetElement.Value(ElementKey.empty().address(granted.address()));
      elements.add(element(step, TCP, granted).giving(target));
      elements.add(element(step, UDP, granted).giving(target));
    }
    return elements;
  }

  private static SetElement element(Inet4Address step, int protocol, HostPorts ports) {
    var key = ElementKey.empty().address(step).protocol(protocol);
    return SetElement.of(key.port(ports.first())).to(key.port(ports.last()));
  }

  /** The rules inside the step's namespace. */
  String inside(Inet4Address gateway) {
    String list =
        ports.stream()
            .map(granted -> granted.first() + "-" + granted.last())
            .collect(Collectors.joining(", "));
    return """
    table ip jbuild {
      chain directing {
        type nat hook output priority -100; policy accept;
        ip daddr 127.0.0.1 meta l4proto { tcp, udp } th dport { PORTS } dnat to GATEWAY
      }

      chain leaving {
        type nat hook postrouting priority srcnat; policy accept;
        ip saddr 127.0.0.0/8 oifname != "lo" masquerade
      }
    }
    """
        .replace("PORTS", list)
        .replace("GATEWAY", gateway.getHostAddress());
  }
}
