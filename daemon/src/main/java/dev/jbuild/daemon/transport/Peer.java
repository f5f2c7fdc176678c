package dev.jbuild.daemon.transport;

import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.UserPrincipal;
import java.util.List;

/** Who is at the other end of a connection, as far as the kernel or TLS tells. */
sealed interface Peer {

  /** Such as {@code the user 'ci'}. */
  String describe();

  /**
   * A process of this host, on a Unix socket. Source: unix(7), SO_PEERCRED.
   *
   * @param group its first one
   */
  record Local(UserPrincipal user, GroupPrincipal group) implements Peer {
    @Override
    public String describe() {
      return "the user '" + user.getName() + "'";
    }
  }

  /**
   * One who showed a certificate.
   *
   * @param names subject alternative names, then the subject's common name
   */
  record Certified(List<String> names) implements Peer {
    public Certified {
      names = List.copyOf(names);
    }

    @Override
    public String describe() {
      return "the certificate '" + (names.isEmpty() ? "" : names.get(0)) + "'";
    }
  }

  /** One who connected over TCP without TLS. */
  record Unknown() implements Peer {
    @Override
    public String describe() {
      return "clients without an identity";
    }
  }
}
