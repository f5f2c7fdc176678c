package dev.jbuild.network.bridge;

import dev.jbuild.linux.Errno;
import dev.jbuild.linux.ErrnoException;
import dev.jbuild.linux.netlink.ElementKey;
import dev.jbuild.linux.netlink.HardwareAddress;
import dev.jbuild.linux.netlink.NetworkScope;
import dev.jbuild.linux.netlink.SetBatch;
import dev.jbuild.linux.netlink.SetElement;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the rules know of each namespace, and of our resolver. To be used on the network thread.
 *
 * @param table of the rules
 */
record StepElements(String table, Subnet subnet, @Nullable Subnet6 subnet6) {
  private static final int MAX_PER_MESSAGE = 60;
  private static final int TCP = 6;
  private static final int UDP = 17;

  /** Lets the namespaces at these offsets speak as themselves; those known already stay. */
  void add(NetworkScope scope, int... offsets) throws IOException {
    for (int from = 0; from < offsets.length; from += MAX_PER_MESSAGE) {
      int[] some =
          Arrays.copyOfRange(offsets, from, Math.min(offsets.length, from + MAX_PER_MESSAGE));
      var batch = new SetBatch(table).add("steps4", elements4(some));
      if (subnet6 != null) {
        batch.add("steps6", elements6(subnet6, some));
      }
      scope.netfilter().exchange(batch.batch());
    }
  }

  /** The opposite; those not known are passed over. */
  void delete(NetworkScope scope, List<Integer> offsets) throws IOException {
    try {
      for (int from = 0; from < offsets.size(); from += MAX_PER_MESSAGE) {
        int to = Math.min(offsets.size(), from + MAX_PER_MESSAGE);
        delete(scope, offsets.subList(from, to).stream().mapToInt(each -> each).toArray());
      }
    } catch (ErrnoException e) {
      if (e.errno() != Errno.ENOENT) {
        throw e;
      }
      // One was unknown, perhaps half-made, so all of its transaction were kept.
      for (int offset : offsets) {
        deleteOne(scope, offset);
      }
    }
  }

  private void deleteOne(NetworkScope scope, int offset) throws IOException {
    try {
      delete(scope, new int[] {offset});
    } catch (ErrnoException e) {
      if (e.errno() != Errno.ENOENT) {
        throw e;
      }
    }
  }

  private void delete(NetworkScope scope, int[] offsets) throws IOException {
    var batch = new SetBatch(table).delete("steps4", elements4(offsets));
    if (subnet6 != null) {
      batch.delete("steps6", elements6(subnet6, offsets));
    }
    scope.netfilter().exchange(batch.batch());
  }

  private List<SetElement> elements4(int[] offsets) {
    var elements = new ArrayList<SetElement>();
    for (int offset : offsets) {
      var address = subnet.at(offset);
      elements.add(
          SetElement.of(ElementKey.empty().hardware(HardwareAddress.of(address)).address(address)));
    }
    return elements;
  }

  private List<SetElement> elements6(Subnet6 ipv6, int[] offsets) {
    var elements = new ArrayList<SetElement>();
    for (int offset : offsets) {
      var hardware = HardwareAddress.of(subnet.at(offset));
      elements.add(SetElement.of(ElementKey.empty().hardware(hardware).address(ipv6.at(offset))));
    }
    return elements;
  }

  /** Leads questions at the gateway to the resolver's port. */
  void resolverAt(NetworkScope scope, int port) throws IOException {
    var elements = new ArrayList<SetElement>();
    for (int protocol : new int[] {TCP, UDP}) {
      elements.add(
          SetElement.of(ElementKey.empty().protocol(protocol))
              .giving(new SetElement.Value(ElementKey.empty().port(port))));
    }
    scope.netfilter().exchange(new SetBatch(table).add("dns_port", elements).batch());
  }
}
