package dev.jbuild.process.runtime;

import dev.jbuild.llb.ExecMeta;
import dev.jbuild.llb.NetMode;
import dev.jbuild.network.NetworkHandle;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Host name, {@code /etc/hosts} and {@code /etc/resolv.conf} of a step. */
final class NameFiles {
  /** The field's name for a step's host. */
  static final String DEFAULT_HOSTNAME = "buildkitsandbox";

  private static final Path HOST_HOSTS = Path.of("/etc/hosts");
  private static final Path HOST_RESOLV_CONF = Path.of("/etc/resolv.conf");
  private static final Path HOST_NAME = Path.of("/proc/sys/kernel/hostname");
  private static final int MAX_BYTES = 1 << 20;

  private NameFiles() {}

  /** A step in the host's network has the host's name, so that it finds itself. */
  static String hostname(ExecMeta meta, NetworkHandle network) throws IOException {
    if (!meta.hostname().isEmpty()) {
      return meta.hostname();
    }
    return network.mode() == NetMode.HOST ? read(HOST_NAME).strip() : DEFAULT_HOSTNAME;
  }

  /** Writes both files, readable for every user of the step. */
  static void write(StepDirectory step, ExecMeta meta, NetworkHandle network, String hostname)
      throws IOException {
    String resolvConf = network.resolvConf();
    put(step.hosts(), hosts(meta, network, hostname));
    put(step.resolvConf(), resolvConf == null ? read(HOST_RESOLV_CONF) : resolvConf);
  }

  private static String hosts(ExecMeta meta, NetworkHandle network, String hostname)
      throws IOException {
    var text = new StringBuilder();
    if (network.mode() == NetMode.HOST) {
      text.append(read(HOST_HOSTS));
      if (!text.isEmpty() && text.charAt(text.length() - 1) != '\n') {
        text.append('\n');
      }
      if (!meta.hostname().isEmpty()) {
        text.append("127.0.0.1\t").append(hostname).append('\n');
      }
    } else {
      text.append("127.0.0.1\tlocalhost");
      text.append(network.addresses().isEmpty() ? " " + hostname : "").append('\n');
      text.append("::1\tlocalhost ip6-localhost ip6-loopback\n");
      for (String address : network.addresses()) {
        text.append(address).append('\t').append(hostname).append('\n');
      }
    }
    for (var extra : meta.extraHosts()) {
      text.append(extra.ip()).append('\t').append(extra.host()).append('\n');
    }
    return text.toString();
  }

  private static String read(Path file) throws IOException {
    try (var in = Files.newInputStream(file)) {
      return new String(in.readNBytes(MAX_BYTES), StandardCharsets.UTF_8);
    } catch (NoSuchFileException absent) {
      return "";
    }
  }

  private static void put(Path file, String text) throws IOException {
    Files.writeString(file, text);
    // Whatever the daemon's umask is.
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
  }
}
