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
import java.util.List;

/** Host name, {@code /etc/hosts} and {@code /etc/resolv.conf} of a step. */
final class NameFiles {
  /** The field's name for a step's host. */
  static final String DEFAULT_HOSTNAME = "buildkitsandbox";

  /** Stands for the addresses of the host as the step sees it. Source: docker's --add-host. */
  private static final String HOST_GATEWAY = "host-gateway";

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

  static String hosts(ExecMeta meta, NetworkHandle network, String hostname) throws IOException {
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
      // Ports of the host answer at 127.0.0.1 only: localhost shall not be tried elsewhere first.
      String localhost = network.hostPorts().isEmpty() ? "localhost " : "";
      text.append("::1\t").append(localhost).append("ip6-localhost ip6-loopback\n");
      for (String address : network.addresses()) {
        text.append(address).append('\t').append(hostname).append('\n');
      }
    }
    for (var extra : meta.extraHosts()) {
      List<String> addresses = addresses(extra, network);
      if (addresses.isEmpty()) {
        text.append("# no host-gateway in this network for ").append(extra.host()).append('\n');
      }
      for (String address : addresses) {
        text.append(address).append('\t').append(extra.host()).append('\n');
      }
    }
    return text.toString();
  }

  /** None for the host's address where the step has no way to it: the name is left out. */
  private static List<String> addresses(ExecMeta.HostIp extra, NetworkHandle network) {
    return extra.ip().equals(HOST_GATEWAY) ? network.hostGateway() : List.of(extra.ip());
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
