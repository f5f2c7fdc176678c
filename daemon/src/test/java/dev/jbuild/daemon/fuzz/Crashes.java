package dev.jbuild.daemon.fuzz;

import io.netty.handler.codec.http2.Http2Exception;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Defects that would be seen in a log only: what handlers of calls throw, gRPC catches and logs,
 * and what threads die of. That the other side broke HTTP/2 is none. One at a time in a process.
 */
final class Crashes extends Handler implements AutoCloseable {
  private static final int MAX = 5;

  private final List<String> all = new CopyOnWriteArrayList<>();
  private final Logger root = Logger.getLogger("");
  private final Thread.@Nullable UncaughtExceptionHandler before;

  @SuppressWarnings("this-escape") // all that a record finds here is set
  Crashes() {
    before = Thread.getDefaultUncaughtExceptionHandler();
    Thread.setDefaultUncaughtExceptionHandler((thread, death) -> note("a thread died", death));
    root.addHandler(this);
  }

  List<String> all() {
    return all;
  }

  private void note(String where, Throwable what) {
    if (all.size() < MAX) {
      var text = new StringWriter();
      what.printStackTrace(new PrintWriter(text));
      all.add(where + ": " + text);
    }
  }

  @Override
  public void publish(LogRecord record) {
    Throwable thrown = record.getThrown();
    if (thrown != null
        && !(thrown instanceof Http2Exception)
        && record.getLevel().intValue() >= Level.WARNING.intValue()) {
      note(record.getLoggerName() + ": " + record.getMessage(), thrown);
    }
  }

  @Override
  public void flush() {}

  @Override
  public void close() {
    root.removeHandler(this);
    Thread.setDefaultUncaughtExceptionHandler(before);
  }
}
