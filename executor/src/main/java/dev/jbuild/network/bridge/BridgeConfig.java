package dev.jbuild.network.bridge;

import dev.jbuild.network.HostResolvers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * How the default network is made.
 *
 * @param root the state directory it belongs to; two networks of one root never exist at once
 * @param subnets tried in this order; the first that no route of the host touches is taken
 * @param maxOpen steps that may have an address at once; a Linux bridge ends at 1023 ports
 * @param lockDirectory shared by all jbuilds of the host, {@code /run/jbuild}
 * @param nft the program, looked up in the path
 * @param resolvers the host's
 */
public record BridgeConfig(
    Path root,
    List<Subnet> subnets,
    int maxOpen,
    Path lockDirectory,
    String nft,
    HostResolvers resolvers) {

  private static final int USUAL_MAX_OPEN = 1000;
  private static final int MAX_PORTS = 1023;
  private static final int NAME_BYTES = 4;
  private static final int FIRST_LOG_GROUP = 1024;
  private static final int LOG_GROUPS = 60_000;

  public BridgeConfig {
    subnets = List.copyOf(subnets);
    if (subnets.isEmpty() || maxOpen < 1 || maxOpen > MAX_PORTS) {
      throw new IllegalArgumentException(
          "bridge network: want subnets and 1 to 1023 steps at once, got "
              + subnets
              + " and "
              + maxOpen);
    }
  }

  /** What is used where nothing is configured. */
  public static BridgeConfig usual(Path root) {
    return new BridgeConfig(
        root, usualSubnets(), USUAL_MAX_OPEN, Path.of("/run/jbuild"), "nft", HostResolvers.usual());
  }

  private static List<Subnet> usualSubnets() {
    var subnets = new ArrayList<Subnet>();
    for (int second = 89; second <= 99; second++) {
      subnets.add(Subnet.parse("10." + second + ".0.0/16"));
    }
    for (int second = 31; second >= 20; second--) {
      subnets.add(Subnet.parse("172." + second + ".0.0/16"));
    }
    for (int third = 224; third <= 240; third += 16) {
      subnets.add(Subnet.parse("192.168." + third + ".0/20"));
    }
    return subnets;
  }

  /** {@code jb} and eight hexadecimal digits: the bridge; the names of its ports start with it. */
  public String bridgeName() {
    return "jb" + rootDigits();
  }

  /** {@code jbuild_} and the same digits: the table of the packet filter. */
  public String tableName() {
    return "jbuild_" + rootDigits();
  }

  /** The number of the group of our links: the same digits, never 0. */
  int linkGroup() {
    return Integer.parseUnsignedInt(rootDigits(), 16) | 1;
  }

  /** The group of the kernel's log (NFLOG) that refusals go to: made of the same digits. */
  int logGroup() {
    return FIRST_LOG_GROUP + (int) (Integer.toUnsignedLong(linkGroup()) % LOG_GROUPS);
  }

  /** The IPv6 subnet of the steps: made of the root's digest, too. */
  Subnet6 subnet6() {
    return Subnet6.uniqueLocal(ByteBuffer.wrap(rootDigest()).getLong());
  }

  private String rootDigits() {
    return HexFormat.of().formatHex(rootDigest(), 0, NAME_BYTES);
  }

  private byte[] rootDigest() {
    try {
      byte[] path = root.toAbsolutePath().normalize().toString().getBytes(StandardCharsets.UTF_8);
      return MessageDigest.getInstance("SHA-256").digest(path);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
