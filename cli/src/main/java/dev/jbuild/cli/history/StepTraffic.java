package dev.jbuild.cli.history;

import java.util.List;

/**
 * What a step did in its network.
 *
 * @param mode what it really had: {@code sandbox}, {@code host} or {@code none}
 * @param quiet whether it is proven that it opened no socket
 * @param notSeen what could not be watched, in sentences
 */
public record StepTraffic(
    String mode, boolean quiet, List<Contact> contacts, List<String> notSeen) {

  public StepTraffic {
    contacts = List.copyOf(contacts);
    notSeen = List.copyOf(notSeen);
  }

  /** How a contact is told. */
  public enum Kind {
    PEER("peer"),
    NAME("name"),
    REFUSED("refused");

    private final String word;

    Kind(String word) {
      this.word = word;
    }

    public String word() {
      return word;
    }
  }

  /**
   * Somebody a step talked to, a name it asked for, or something it was kept from.
   *
   * @param with address and port, or the name
   * @param outcome what came of it
   * @param sent bytes, as {@code received}; 0 for other than peers
   */
  public record Contact(Kind kind, String with, String outcome, long sent, long received) {}
}
