package dev.jbuild.network.diagnosis;

import dev.jbuild.network.ledger.FailedName;
import dev.jbuild.network.ledger.Lookup;
import java.util.List;

/** On names that were not resolved. */
final class LookupHints {
  private LookupHints() {}

  static List<String> of(List<Lookup> lookups) {
    return FailedName.of(lookups).stream().map(LookupHints::hint).toList();
  }

  private static String hint(FailedName failed) {
    String name = "name " + failed.name();
    String resolver = failed.resolver().isEmpty() ? "" : " " + failed.resolver();
    return switch (failed.outcome()) {
      case "NXDOMAIN" ->
          name + " not found: the resolver" + resolver + " says that it does not exist (NXDOMAIN)";
      case "SERVFAIL" -> name + " not resolved: the resolver" + resolver + " failed (SERVFAIL)";
      case "REFUSED" ->
          name + " not resolved: the resolver" + resolver + " refused to answer (REFUSED)";
      case "TIMEOUT" -> name + " not resolved: the resolver" + resolver + " did not answer in time";
      case "UNREACHABLE" ->
          name + " not resolved: nobody listens at port 53 of the resolver" + resolver;
      case "NO RESOLVER" ->
          name
              + " not resolved: there is no resolver; it comes from the host's /etc/resolv.conf,"
              + " from '--dns <address>' or from [dns] of the daemon's configuration";
      case FailedName.NO_DATA ->
          name + " has no address: the resolver" + resolver + " knows no A or AAAA record of it";
      default -> name + " not resolved: the resolver" + resolver + " answered " + failed.outcome();
    };
  }
}
