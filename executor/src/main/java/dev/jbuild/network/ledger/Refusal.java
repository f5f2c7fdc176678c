package dev.jbuild.network.ledger;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * What a step was kept from. Equal attempts are one entry.
 *
 * @param address null when it was a name that was not looked up
 * @param port 0 where there is none
 * @param name of the address, or empty
 * @param rule why, in words: one of the texts below, or an egress rule such as {@code deny=*},
 *     followed by {@link #CEILING} where it is one of the daemon's configuration
 * @param egress whether the rule is one of the egress rules
 * @param count how many packets or lookups
 */
public record Refusal(
    Protocol protocol,
    @Nullable InetAddress address,
    int port,
    String name,
    String rule,
    boolean egress,
    int count) {

  /** An address of the host. */
  public static final String HOST = "the host";

  /** An address of another step's. */
  public static final String ANOTHER_STEP = "another step";

  /** An address where machines find each other or themselves. */
  public static final String METADATA = "link-local and metadata addresses";

  /** An address of a private range, where the daemon keeps steps from those. */
  public static final String PRIVATE = "private addresses";

  /** The end of egress rules: some allow something, none allows this. */
  public static final String NOT_ALLOWED = "no rule allows it";

  /** Ends the text of an egress rule that the daemon's configuration has. */
  public static final String CEILING = " (configured)";

  /** Whether a build cannot change the rule. */
  public boolean ceiling() {
    return egress && rule.endsWith(CEILING);
  }

  /** The rule as a sentence names it: {@code deny=* of the daemon's configuration}. */
  public String ruleWords() {
    return ceiling()
        ? rule.substring(0, rule.length() - CEILING.length()) + " of the daemon's configuration"
        : rule;
  }

  /** Whether the egress rules have just come to their end. */
  public boolean unlisted() {
    return egress && rule.startsWith(NOT_ALLOWED);
  }
}
