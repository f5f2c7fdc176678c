package dev.jbuild.network.ledger;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A name that a step did not get an address or another answer for.
 *
 * @param outcome as in {@link Lookup}, or {@link #NO_DATA}
 * @param resolver who said so, or empty
 */
public record FailedName(String name, String outcome, String resolver) {

  /** The name is known, but has no address. */
  public static final String NO_DATA = "NO DATA";

  /** What a lookup that went well has. */
  private static final String GOOD = "NOERROR";

  /**
   * The names among these that failed, each once, in the order in which they were asked first. Left
   * out is what an egress rule refused, which a {@link Refusal} tells, and what was only tried
   * because a search domain was put behind another name.
   */
  public static List<FailedName> of(List<Lookup> lookups) {
    Map<String, List<Lookup>> byName = new LinkedHashMap<>();
    lookups.forEach(
        lookup -> byName.computeIfAbsent(lookup.name(), n -> new ArrayList<>()).add(lookup));
    Map<String, FailedName> failed = new LinkedHashMap<>();
    byName.forEach(
        (name, asked) -> {
          FailedName failure = failure(name, asked);
          if (failure != null) {
            failed.put(name, failure);
          }
        });
    return failed.values().stream()
        .filter(failure -> byName.keySet().stream().noneMatch(n -> expanded(n, failure, failed)))
        .toList();
  }

  private static boolean expanded(String name, FailedName failure, Map<String, FailedName> failed) {
    return failure.name.startsWith(name + ".")
        && (name.indexOf('.') < 0 || failed.containsKey(name));
  }

  private static @Nullable FailedName failure(String name, List<Lookup> asked) {
    boolean addresses = false;
    for (Lookup lookup : asked) {
      if (lookup.outcome().equals(GOOD) && !lookup.answers().isEmpty()) {
        return null; // with an IPv4 address, nobody misses the IPv6 one
      }
      addresses |= lookup.type().equals("A") || lookup.type().equals("AAAA");
    }
    for (Lookup lookup : asked) {
      boolean byRule = lookup.outcome().equals("REFUSED") && lookup.resolver().isEmpty();
      if (!lookup.outcome().equals(GOOD) && !byRule) {
        return new FailedName(name, lookup.outcome(), lookup.resolver());
      }
    }
    Lookup first = asked.getFirst();
    return addresses && first.outcome().equals(GOOD)
        ? new FailedName(name, NO_DATA, first.resolver())
        : null;
  }
}
