package dev.jbuild.daemon.config;

/** {@code debug}, {@code trace} and {@code [log]}: what the operator is told, and how. */
public record LogSettings(Level level, Format format) {
  public static final LogSettings DEFAULT = new LogSettings(Level.INFO, Format.TEXT);

  /** The least that is told. */
  public enum Level {
    INFO,
    DEBUG,
    TRACE
  }

  /** How a record is written. */
  public enum Format {
    TEXT,
    /** One JSON object a line: {@code level}, {@code msg}, {@code time}. */
    JSON
  }
}
