package dev.jbuild.llb;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.netplan.HostPorts;

/**
 * A right that a step needs beyond isolation. Both the daemon and the request must grant it
 * (blueprint, section 6).
 */
public sealed interface Entitlement {

  /** How an entitlement to ports of the host begins. */
  String HOST_PORTS = "network.host=";

  /** As written on the command line and the wire: {@code network.host}. */
  String id();

  /** The host's network. */
  record NetworkHost() implements Entitlement {
    @Override
    public String id() {
      return "network.host";
    }
  }

  /** Ports of the host, reached at {@code localhost} by isolated steps. */
  record NetworkHostPorts(HostPorts ports) implements Entitlement {
    @Override
    public String id() {
      return "network.host=" + ports;
    }
  }

  /** No confinement. */
  record SecurityInsecure() implements Entitlement {
    @Override
    public String id() {
      return "security.insecure";
    }
  }

  /** A device by its name. */
  record Device(String name) implements Entitlement {
    @Override
    public String id() {
      return name.isEmpty() ? "device" : "device=" + name;
    }
  }

  /**
   * Reads an id as {@link #id} writes it.
   *
   * @throws BuildException when it is not one, or one of a later version
   */
  static Entitlement parse(String text) {
    if (text.equals("network.host")) {
      return new NetworkHost();
    }
    if (text.equals("security.insecure")) {
      return new SecurityInsecure();
    }
    if (text.equals("device")) {
      return new Device("");
    }
    if (text.startsWith("device=") && text.length() > "device=".length()) {
      return device(text);
    }
    if (text.startsWith(HOST_PORTS)) {
      return new NetworkHostPorts(HostPorts.parse(text.substring(HOST_PORTS.length())));
    }
    if (text.startsWith("network.name=")) {
      throw new BuildException(
          Code.UNIMPLEMENTED,
          "entitlement '"
              + text
              + "': this version has no networks by name, only 'network.host' and single ports of"
              + " the host: 'network.host=127.0.0.1:5432'");
    }
    throw new BuildException(
        Code.INVALID,
        "unknown entitlement '"
            + text
            + "': want 'network.host', 'network.host=<address>:<port>', 'security.insecure',"
            + " 'device' or 'device=<name>'");
  }

  private static Device device(String text) {
    if (text.contains(",")) {
      throw new BuildException(
          Code.UNIMPLEMENTED,
          "entitlement '" + text + "': this version knows no options of a device, only its name");
    }
    return new Device(text.substring("device=".length()));
  }
}
