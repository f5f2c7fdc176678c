package dev.jbuild.network.dns;

import dev.jbuild.network.ledger.Lookup;
import dev.jbuild.network.ledger.Protocol;
import dev.jbuild.network.ledger.Refusal;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What one step asked and was told, as far as it is kept. Safe for use by several threads. */
final class Journal {
  static final int MAX_LOOKUPS = 1_000;
  static final int MAX_REFUSALS = 256;
  static final int MAX_NAMES = 4_096;

  private final Object lock = new Object();
  private final Map<Asked, Lookup> lookups = new LinkedHashMap<>();
  private final Map<String, Refusal> refusals = new LinkedHashMap<>();
  private final Map<InetAddress, String> names = new HashMap<>();
  private int missed;

  private record Asked(String name, String type) {}

  /**
   * Notes a question; an equal one that is there already takes the newest outcome.
   *
   * @param resolver who was asked last, or empty
   * @param times how often the step sent it
   */
  void add(Question question, List<String> answers, String outcome, String resolver, int times) {
    var asked = new Asked(question.name(), question.typeText());
    synchronized (lock) {
      var before = lookups.get(asked);
      if (before == null && lookups.size() >= MAX_LOOKUPS) {
        missed++;
      } else {
        int count = times + (before == null ? 0 : before.count());
        lookups.put(
            asked, new Lookup(asked.name(), asked.type(), answers, outcome, resolver, count));
      }
    }
  }

  void refused(String name, String rule) {
    synchronized (lock) {
      var before = refusals.get(name);
      if (before != null || refusals.size() < MAX_REFUSALS) {
        int count = before == null ? 1 : before.count() + 1;
        refusals.put(name, new Refusal(Protocol.OTHER, null, 0, name, rule, true, count));
      }
    }
  }

  /** The newest name of an address counts. */
  void learned(String name, List<InetAddress> addresses) {
    synchronized (lock) {
      for (InetAddress address : addresses) {
        if (names.size() < MAX_NAMES || names.containsKey(address)) {
          names.put(address, name);
        }
      }
    }
  }

  List<Lookup> lookups() {
    synchronized (lock) {
      return new ArrayList<>(lookups.values());
    }
  }

  List<Refusal> refusals() {
    synchronized (lock) {
      return new ArrayList<>(refusals.values());
    }
  }

  Map<InetAddress, String> names() {
    synchronized (lock) {
      return Map.copyOf(names);
    }
  }

  int missed() {
    synchronized (lock) {
      return missed;
    }
  }
}
