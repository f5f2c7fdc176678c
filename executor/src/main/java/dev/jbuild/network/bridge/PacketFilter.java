package dev.jbuild.network.bridge;

import dev.jbuild.linux.Descriptor;
import dev.jbuild.linux.Errno;
import dev.jbuild.linux.ErrnoException;
import dev.jbuild.linux.netlink.Batch;
import dev.jbuild.linux.netlink.Netlink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Our table in the host's packet filter: set by the program {@code nft}, looked at by netlink.
 * Source: nft(8), the kernel's {@code linux/netfilter/nf_tables.h}.
 */
final class PacketFilter {
  private static final int GET_TABLE = 10 << 8 | 1;
  private static final int NEW_TABLE = 10 << 8;
  private static final int FAMILY_INET = 1;
  private static final int HEADER_BYTES = 4;
  private static final int TABLE_NAME = 1;
  private static final int TABLE_CHAINS = 3;
  private static final int TABLE_HANDLE = 4;
  private static final long NFT_SECONDS = 20;
  private static final int MAX_MESSAGE_BYTES = 4096;

  private final String nft;

  PacketFilter(String nft) {
    this.nft = nft;
  }

  /** Applies a script in one transaction: all of it or nothing. */
  void apply(String script) throws IOException {
    apply(List.of(nft, "-f", "-"), script);
  }

  /** The same inside another namespace. From any thread. */
  void applyInside(Descriptor network, String script) throws IOException {
    apply(List.of("nsenter", "--net=" + network.path(), nft, "-f", "-"), script);
  }

  private void apply(List<String> command, String script) throws IOException {
    Process process;
    try {
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException e) {
      throw new IOException(
          "the bridge network needs the program '"
              + command.getFirst()
              + "' (package nftables, 'apt-get install nftables'): "
              + e.getMessage(),
          e);
    }
    try (var in = process.getOutputStream()) {
      in.write(script.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // It ended before it had read all; its own words say why.
    }
    try (var out = process.getInputStream()) {
      String said = new String(out.readNBytes(MAX_MESSAGE_BYTES), StandardCharsets.UTF_8).strip();
      if (!process.waitFor(NFT_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException(nft + " did not end within " + NFT_SECONDS + " seconds");
      }
      if (process.exitValue() != 0) {
        throw new IOException(nft + " refused the rules of the bridge network: " + said);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for " + nft, e);
    } finally {
      process.destroyForcibly();
    }
  }

  /**
   * Whether a table with chains is there, and which: a table that was deleted and made again is
   * another one.
   *
   * @return null when there is none
   */
  @Nullable Identity find(Netlink netfilter, String table) throws IOException {
    var batch = new Batch().message(GET_TABLE, 0, "look at table " + table);
    batch.u8(FAMILY_INET).u8(0).u16(0).text(TABLE_NAME, table);
    try {
      for (var reply : netfilter.exchange(batch)) {
        if (reply.type() == NEW_TABLE) {
          var attributes = reply.attributes(HEADER_BYTES);
          return new Identity(
              attributes.bigEndian64(TABLE_HANDLE, 0), bigEndian32(attributes.bytes(TABLE_CHAINS)));
        }
      }
      return null;
    } catch (ErrnoException e) {
      if (e.errno() == Errno.ENOENT) {
        return null;
      }
      throw e;
    }
  }

  private static int bigEndian32(byte[] bytes) {
    return bytes.length < 4
        ? 0
        : ByteBuffer.wrap(Arrays.copyOf(bytes, 4)).order(ByteOrder.BIG_ENDIAN).getInt();
  }

  /**
   * A table as the kernel knows it.
   *
   * @param handle never given twice
   * @param chains how many chains and sets use it
   */
  record Identity(long handle, int chains) {}
}
