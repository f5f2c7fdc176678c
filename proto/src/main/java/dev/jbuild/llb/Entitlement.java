package dev.jbuild.llb;

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
}
