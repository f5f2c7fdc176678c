package dev.jbuild.daemon;

import dev.jbuild.daemon.config.LogSettings;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Sets how much is logged, and in which form. The launcher's file says where to. */
final class OperatorLog {
  /** Held, since the JDK forgets the level of a logger that nobody holds. */
  private static final Logger OWN = Logger.getLogger("dev.jbuild");

  /** Tells of each connection that breaks the protocol, with the stack that saw it. */
  private static final Logger CONNECTIONS = Logger.getLogger("io.grpc.netty");

  private OperatorLog() {}

  static void use(LogSettings settings) {
    switch (settings.level()) {
      case INFO -> CONNECTIONS.setLevel(Level.SEVERE); // or any client could fill the disk
      case DEBUG -> OWN.setLevel(Level.FINE);
      case TRACE -> OWN.setLevel(Level.FINER);
    }
    for (Handler handler : Logger.getLogger("").getHandlers()) {
      if (settings.level() != LogSettings.Level.INFO) {
        handler.setLevel(Level.ALL);
      }
      if (settings.format() == LogSettings.Format.JSON) {
        handler.setFormatter(new JsonLines());
      }
    }
  }

  /** One object a line, with the keys that buildkitd's log has. */
  static final class JsonLines extends Formatter {
    @Override
    public String format(LogRecord record) {
      var text = new StringBuilder("{\"level\":\"");
      text.append(word(record.getLevel())).append("\",\"msg\":");
      quote(text, formatMessage(record));
      text.append(",\"time\":\"")
          .append(Instant.ofEpochMilli(record.getMillis()).truncatedTo(ChronoUnit.SECONDS))
          .append("\",\"logger\":");
      quote(text, String.valueOf(record.getLoggerName()));
      if (record.getThrown() != null) {
        text.append(",\"error\":");
        quote(text, record.getThrown().toString());
      }
      return text.append("}\n").toString();
    }

    private static String word(Level level) {
      int value = level.intValue();
      return value >= Level.SEVERE.intValue()
          ? "error"
          : value >= Level.WARNING.intValue()
              ? "warning"
              : value >= Level.INFO.intValue()
                  ? "info"
                  : value >= Level.FINE.intValue() ? "debug" : "trace";
    }

    private static void quote(StringBuilder text, String value) {
      text.append('"');
      for (int i = 0; i < value.length(); i++) {
        char c = value.charAt(i);
        switch (c) {
          case '"', '\\' -> text.append('\\').append(c);
          case '\n' -> text.append("\\n");
          default -> {
            if (c < ' ') {
              text.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
              text.append(c);
            }
          }
        }
      }
      text.append('"');
    }
  }
}
