package dev.jbuild.linux.netlink;

import dev.jbuild.linux.Descriptor;

/**
 * A pair of joined interfaces: one a bridge's port in the host's namespace, the other made directly
 * in another namespace.
 *
 * @param name of the host's end
 * @param bridgeIndex of the bridge that the host's end belongs to
 * @param group of the host's end, see {@link RouteBatch#deleteGroup}
 * @param inside the other end's namespace
 * @param insideName of the other end
 * @param insideAddress hardware address of the other end, six bytes
 * @param mtu of both ends
 */
public record VethPair(
    String name,
    int bridgeIndex,
    int group,
    Descriptor inside,
    String insideName,
    HardwareAddress insideAddress,
    int mtu) {}
