package dev.jbuild.network.ledger;

import java.util.List;

/**
 * A name that a step asked for. Equal questions are one entry.
 *
 * @param name without the dot at the end
 * @param type {@code A}, {@code AAAA}, {@code MX}, ...
 * @param answers addresses, or names for other types; empty when there was none
 * @param outcome {@code NOERROR}, {@code NXDOMAIN}, {@code SERVFAIL}, {@code REFUSED}, {@code
 *     TIMEOUT}, {@code UNREACHABLE} (nobody listens there) or {@code NO RESOLVER}
 * @param resolver who answered last: an address; empty when nobody was asked
 * @param count how often
 */
public record Lookup(
    String name, String type, List<String> answers, String outcome, String resolver, int count) {
  public Lookup {
    answers = List.copyOf(answers);
  }
}
