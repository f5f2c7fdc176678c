package dev.jbuild.daemon.history;

/**
 * Which builds a listener wants.
 *
 * @param activeOnly only those that run
 * @param ref of the only one, or empty
 * @param limit how many of those that are kept already, the newest; 0 for all
 */
public record HistoryQuery(boolean activeOnly, String ref, HistoryFilter filter, int limit) {

  /** Whether the listener wants to hear of it. */
  public boolean wants(HistoryEvent event) {
    return switch (event) {
      case HistoryEvent.Started started -> wants(started.record());
      case HistoryEvent.Complete complete -> wants(complete.record());
      case HistoryEvent.Deleted deleted -> ref.isEmpty() || ref.equals(deleted.ref());
    };
  }

  boolean wants(BuildRecord record) {
    return (ref.isEmpty() || ref.equals(record.ref())) && filter.matches(record);
  }
}
