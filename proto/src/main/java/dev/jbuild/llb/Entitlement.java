package dev.jbuild.llb;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;

/**
 * A right that a step needs beyond isolation. Both the daemon and the request must grant it
 * (blueprint, section 6).
 */
public sealed interface Entitlement {

  /** As written on the command line and the wire: {@code network.host}. */
  String id();

  /** The host's network. */
  record NetworkHost() implements Entitlement {
    @Override
    public String id() {
      return "network.host";
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
    if (text.startsWith("network.host=") || text.startsWith("network.name=")) {
      throw new BuildException(
          Code.UNIMPLEMENTED,
          "entitlement '"
              + text
              + "': this version grants no single addresses and no networks by name, only all of"
              + " 'network.host'");
    }
    throw new BuildException(
        Code.INVALID,
        "unknown entitlement '"
            + text
            + "': want 'network.host', 'security.insecure', 'device' or 'device=<name>'");
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
