package dev.jbuild.network.diagnosis;

import dev.jbuild.network.ledger.Protocol;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Scanner;
import org.jspecify.annotations.Nullable;

/**
 * Reads the kernel's tables of sockets. A line that is not as expected is passed over. Source:
 * proc_pid_net(5), {@code /proc/pid/net/tcp} and the like.
 *
 * @param directory with the tables of a network namespace: {@code /proc/self/net}
 */
public record ProcListeners(Path directory) implements HostListeners {
  private static final int MAX_BYTES = 16 << 20;
  private static final int MAX_LISTENERS = 10_000;
  private static final String TCP_LISTEN = "0A";
  private static final String UDP_UNCONNECTED = "07";

  @Override
  public List<Listener> listeners() throws IOException {
    var found = new ArrayList<Listener>();
    read("tcp", Protocol.TCP, TCP_LISTEN, found);
    read("tcp6", Protocol.TCP, TCP_LISTEN, found);
    read("udp", Protocol.UDP, UDP_UNCONNECTED, found);
    read("udp6", Protocol.UDP, UDP_UNCONNECTED, found);
    return List.copyOf(found);
  }

  private void read(String table, Protocol protocol, String state, List<Listener> found)
      throws IOException {
    byte[] text;
    try (InputStream in = Files.newInputStream(directory.resolve(table))) {
      text = in.readNBytes(MAX_BYTES);
    } catch (NoSuchFileException e) {
      return; // a kernel without IPv6
    }
    var lines = new Scanner(new ByteArrayInputStream(text), StandardCharsets.US_ASCII);
    while (lines.hasNextLine() && found.size() < MAX_LISTENERS) {
      Listener listener = parse(lines.nextLine().strip().split("\\s+", 5), protocol, state);
      if (listener != null) {
        found.add(listener);
      }
    }
  }

  /** Fields: number, local address, remote address, state. */
  private static @Nullable Listener parse(String[] fields, Protocol protocol, String state) {
    if (fields.length < 4 || !fields[3].equals(state)) {
      return null;
    }
    int colon = fields[1].indexOf(':');
    try {
      byte[] words = HexFormat.of().parseHex(fields[1], 0, Math.max(0, colon));
      int port = HexFormat.fromHexDigits(fields[1], colon + 1, fields[1].length());
      return (words.length == 4 || words.length == 16) && port > 0 && port <= 0xffff
          ? new Listener(protocol, InetAddress.getByAddress(inNetworkOrder(words)), port)
          : null;
    } catch (IllegalArgumentException | IOException e) {
      return null;
    }
  }

  /** Addresses are printed as numbers of 32 bits in the machine's order. */
  private static byte[] inNetworkOrder(byte[] words) {
    var from = ByteBuffer.wrap(words).order(ByteOrder.BIG_ENDIAN);
    var to = ByteBuffer.allocate(words.length).order(ByteOrder.nativeOrder());
    while (from.hasRemaining()) {
      to.putInt(from.getInt());
    }
    return to.array();
  }
}
