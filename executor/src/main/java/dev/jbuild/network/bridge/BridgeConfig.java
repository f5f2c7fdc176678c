package dev.jbuild.network.bridge;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * How the default network is made.
 *
 * @param root the state directory it belongs to; two networks of one root never exist at once
 * @param lockDirectory shared by all jbuilds of the host, {@code /run/jbuild}
 * @param nft the program, looked up in the path
 * @param addresses of steps
 * @param links of steps
 * @param isolation of steps
 */
public record BridgeConfig(
    Path root,
    Path lockDirectory,
    String nft,
    Addresses addresses,
    Links links,
    Isolation isolation) {

  private static final int NAME_BYTES = 4;
  private static final int FIRST_LOG_GROUP = 1024;
  private static final int LOG_GROUPS = 60_000;

  /** What is used where nothing is configured. */
  public static BridgeConfig usual(Path root) {
    return new BridgeConfig(
        root, Path.of("/run/jbuild"), "nft", Addresses.usual(), Links.USUAL, Isolation.USUAL);
  }

  /** With other addresses. */
  public BridgeConfig with(Addresses other) {
    return new BridgeConfig(root, lockDirectory, nft, other, links, isolation);
  }

  /** With other links. */
  public BridgeConfig with(Links other) {
    return new BridgeConfig(root, lockDirectory, nft, addresses, other, isolation);
  }

  /** With another isolation. */
  public BridgeConfig with(Isolation other) {
    return new BridgeConfig(root, lockDirectory, nft, addresses, links, other);
  }

  /** As configured, or {@link #portPrefix}. */
  public String bridgeName() {
    return links.bridgeName().isEmpty() ? portPrefix() : links.bridgeName();
  }

  /** {@code jb} and eight hexadecimal digits of the root's digest; four of the port's follow. */
  String portPrefix() {
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
  public int logGroup() {
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
