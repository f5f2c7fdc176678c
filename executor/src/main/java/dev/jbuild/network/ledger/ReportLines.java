package dev.jbuild.network.ledger;

import dev.jbuild.llb.NetMode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** A report as lines for people: names that failed, refusals, then peers, most bytes first. */
public final class ReportLines {
  /** How many lines of each of the three kinds there are at most. */
  static final int MAX_LINES = 20;

  private static final List<String> UNITS = List.of("kB", "MB", "GB", "TB", "PB", "EB");

  private ReportLines() {}

  /** Without line ends; empty where the step was quiet or had no network. */
  public static List<String> of(NetworkReport report) {
    var lines = new ArrayList<String>();
    if (report.quiet() || report.mode() == NetMode.NONE) {
      return lines;
    }
    add(lines, FailedName.of(report.lookups()), ReportLines::line, "names");
    add(lines, report.refusals(), ReportLines::line, "refusals");
    var peers =
        report.peers().stream()
            .filter(peer -> !ownLoopback(report.mode(), peer))
            .sorted(
                Comparator.<Peer>comparingLong(p -> -p.bytesSent() - p.bytesReceived())
                    .thenComparing(ReportLines::line))
            .toList();
    add(lines, peers, ReportLines::line, "peers");
    return lines;
  }

  /**
   * In the host's network, its loopback is not the step's own; elsewhere reports list none on it
   * that answered but ports of the host that were granted.
   */
  private static boolean ownLoopback(NetMode mode, Peer peer) {
    return mode != NetMode.HOST
        && peer.address().isLoopbackAddress()
        && peer.state() != Peer.State.ANSWERED;
  }

  private static <T> void add(
      List<String> lines, List<T> entries, Function<T, String> line, String what) {
    entries.stream().limit(MAX_LINES).map(line).forEach(text -> lines.add("network: " + text));
    if (entries.size() > MAX_LINES) {
      lines.add("network: and " + (entries.size() - MAX_LINES) + " more " + what);
    }
  }

  private static String line(FailedName failed) {
    String name = "name " + failed.name();
    String asked = failed.resolver().isEmpty() ? "" : ", asked " + failed.resolver();
    return switch (failed.outcome()) {
      case "NXDOMAIN" -> name + " not found (NXDOMAIN" + asked + ")";
      case "NO RESOLVER" -> name + " not resolved (there is no resolver)";
      case FailedName.NO_DATA -> name + " has no address (NOERROR" + asked + ")";
      default -> name + " not resolved (" + failed.outcome() + asked + ")";
    };
  }

  private static String line(Refusal refusal) {
    String what =
        refusal.address() == null
            ? "the name " + refusal.name()
            : word(refusal.protocol())
                + new Endpoint(refusal.address(), refusal.port())
                + named(refusal.name());
    return "refused " + what + reason(refusal);
  }

  private static String reason(Refusal refusal) {
    if (refusal.unlisted()) {
      return refusal.ceiling()
          ? ": no egress rule of the daemon's configuration allows it"
          : ": no egress rule allows it";
    }
    return refusal.egress()
        ? " by the egress rule " + refusal.ruleWords()
        : ": steps do not reach " + refusal.rule();
  }

  private static String line(Peer peer) {
    String to = peer.incoming() ? "from " : "";
    String text =
        word(peer.protocol()) + to + new Endpoint(peer.address(), peer.port()) + named(peer.name());
    String state =
        switch (peer.state()) {
          case ANSWERED -> "";
          case REFUSED -> ", connection refused";
          case SILENT -> peer.incoming() ? "" : ", no answer";
        };
    return text
        + state
        + ", "
        + amount(peer.bytesSent())
        + " sent, "
        + amount(peer.bytesReceived())
        + " received";
  }

  private static String word(Protocol protocol) {
    return switch (protocol) {
      case TCP -> "tcp ";
      case UDP -> "udp ";
      case ICMP -> "icmp ";
      case OTHER -> "other protocol ";
    };
  }

  private static String named(String name) {
    return name.isEmpty() ? "" : " (" + name + ")";
  }

  private static String amount(long bytes) {
    if (bytes < 1_000) {
      return bytes + " B";
    }
    double value = bytes / 1_000.0;
    int unit = 0;
    while (value >= 999.95) {
      value /= 1_000;
      unit++;
    }
    return String.format(Locale.ROOT, "%.1f %s", value, UNITS.get(unit));
  }
}
