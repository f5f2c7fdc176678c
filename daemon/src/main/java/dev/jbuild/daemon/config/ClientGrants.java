package dev.jbuild.daemon.config;

import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * One {@code [[client]]}: what a client may be granted of what the daemon grants. The first that
 * matches a client counts.
 *
 * @param entitlements by id
 */
public record ClientGrants(Match match, SortedSet<String> entitlements) {
  public ClientGrants {
    entitlements = Collections.unmodifiableSortedSet(new TreeSet<>(entitlements));
  }

  /** Whom it is about. */
  public sealed interface Match {}

  /**
   * A client on a Unix socket, by its process's user.
   *
   * @param user a name or a number
   */
  public record ByUser(String user) implements Match {}

  /**
   * A client on a Unix socket, by its process's group.
   *
   * @param group a name or a number
   */
  public record ByGroup(String group) implements Match {}

  /**
   * A client on TCP, by its certificate.
   *
   * @param name a subject alternative name, else the subject's common name
   */
  public record ByCertificate(String name) implements Match {}

  /** Every client. */
  public record Anyone() implements Match {}
}
