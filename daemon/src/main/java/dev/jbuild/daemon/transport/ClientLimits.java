package dev.jbuild.daemon.transport;

import dev.jbuild.daemon.config.ClientGrants;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.llb.Entitlement;
import dev.jbuild.solver.llb.ClientLimit;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Which client may be granted what: the first {@code [[client]]} that matches counts. */
public final class ClientLimits {
  private final List<Row> rows;

  private ClientLimits(List<Row> rows) {
    this.rows = rows;
  }

  private record Row(Predicate<Peer> matches, Set<Entitlement> grants) {}

  /**
   * Looks up the users and groups that are named.
   *
   * @throws BuildException INVALID when one is not there
   */
  public static ClientLimits of(List<ClientGrants> clients) {
    var rows = new ArrayList<Row>();
    for (ClientGrants client : clients) {
      var grants = new LinkedHashSet<Entitlement>();
      client.entitlements().forEach(id -> grants.add(Entitlement.parse(id)));
      rows.add(new Row(matching(client.match()), grants));
    }
    return new ClientLimits(List.copyOf(rows));
  }

  private static Predicate<Peer> matching(ClientGrants.Match match) {
    return switch (match) {
      case ClientGrants.ByUser by -> {
        UserPrincipal user = user(by.user());
        yield peer -> peer instanceof Peer.Local local && local.user().equals(user);
      }
      case ClientGrants.ByGroup by -> {
        GroupPrincipal group = group(by.group());
        yield peer -> peer instanceof Peer.Local local && local.group().equals(group);
      }
      case ClientGrants.ByCertificate by ->
          peer -> peer instanceof Peer.Certified shown && shown.names().contains(by.name());
      case ClientGrants.Anyone anyone -> peer -> true;
    };
  }

  private static UserPrincipal user(String name) {
    try {
      return FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName(name);
    } catch (IOException e) {
      throw new BuildException(Code.INVALID, "[[client]]: there is no user '" + name + "'", e);
    }
  }

  private static GroupPrincipal group(String name) {
    try {
      return FileSystems.getDefault()
          .getUserPrincipalLookupService()
          .lookupPrincipalByGroupName(name);
    } catch (IOException e) {
      throw new BuildException(Code.INVALID, "[[client]]: there is no group '" + name + "'", e);
    }
  }

  /** Null when clients are not limited. Where some are named, nobody else is granted anything. */
  @Nullable ClientLimit of(Peer peer) {
    if (rows.isEmpty()) {
      return null;
    }
    for (Row row : rows) {
      if (row.matches.test(peer)) {
        return new ClientLimit(peer.describe(), row.grants);
      }
    }
    return new ClientLimit(peer.describe(), Set.of());
  }
}
