package dev.jbuild.daemon.history;

/** What a listener hears. */
public sealed interface HistoryEvent {

  /** A build runs. */
  record Started(BuildRecord record) implements HistoryEvent {}

  /** A record is kept, or what was kept has changed. It is on disk. */
  record Complete(BuildRecord record) implements HistoryEvent {}

  /** A record is no more. */
  record Deleted(String ref) implements HistoryEvent {}
}
