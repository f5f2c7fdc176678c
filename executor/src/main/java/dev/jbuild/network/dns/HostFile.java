package dev.jbuild.network.dns;

import dev.jbuild.netplan.DnsSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The host's resolv.conf, read again whenever it changed. Safe for use by several threads. Source:
 * resolv.conf(5).
 */
final class HostFile {
  private static final System.Logger LOG = System.getLogger(HostFile.class.getName());
  private static final int MAX_BYTES = 64 * 1024;
  private static final int MAX_ENTRIES = 16;
  private static final Read NOTHING = new Read(null, DnsSettings.NONE, true);

  private final Path file;
  private volatile Read last = NOTHING;

  HostFile(Path file) {
    this.file = file;
  }

  /** What a change of the file is known by; the key is that of the inode. */
  private record Stamp(FileTime modified, long sizeBytes, @Nullable Object key) {}

  /**
   * @param whole whether all resolvers could be understood: an interface that a zone names may come
   *     later
   */
  private record Read(@Nullable Stamp stamp, DnsSettings settings, boolean whole) {}

  /** What the file says now; nothing where it is not there or cannot be read. */
  DnsSettings settings() {
    var known = last;
    try {
      var attributes = Files.readAttributes(file, BasicFileAttributes.class);
      var stamp = new Stamp(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey());
      if (!known.whole() || !stamp.equals(known.stamp())) {
        known = read(stamp);
        last = known;
      }
      return known.settings();
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "no resolvers are known from " + file, e);
      last = NOTHING;
      return DnsSettings.NONE;
    }
  }

  private Read read(Stamp stamp) throws IOException {
    var servers = new ArrayList<InetAddress>();
    List<String> search = List.of();
    var options = new ArrayList<String>();
    boolean whole = true;
    for (String line : text().lines().toList()) {
      List<String> words = List.of(line.strip().split("\\s+", MAX_ENTRIES + 1));
      List<String> values = words.subList(1, words.size()).stream().limit(MAX_ENTRIES).toList();
      switch (words.getFirst()) {
        case "search" -> search = values;
        case "domain" -> search = values.stream().limit(1).toList();
        case "options" -> options.addAll(values);
        case "nameserver" -> {
          var server = values.isEmpty() ? null : server(values.getFirst());
          whole &= server != null;
          if (server != null && servers.size() < MAX_ENTRIES) {
            servers.add(server);
          }
        }
        default -> {}
      }
    }
    var kept = options.stream().limit(MAX_ENTRIES).toList();
    return new Read(stamp, new DnsSettings(servers, search, kept), whole);
  }

  private static @Nullable InetAddress server(String text) {
    try {
      var address = InetAddress.ofLiteral(text);
      // The C library takes it for this host.
      return address.isAnyLocalAddress() ? InetAddress.ofLiteral("127.0.0.1") : address;
    } catch (IllegalArgumentException e) {
      LOG.log(System.Logger.Level.DEBUG, "not the address of a resolver: {0}", text);
      return null;
    }
  }

  private String text() throws IOException {
    try (var in = Files.newInputStream(file)) {
      return new String(in.readNBytes(MAX_BYTES), StandardCharsets.UTF_8);
    }
  }
}
