package dev.jbuild.daemon.transport;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** A log for what anybody can cause as often as he likes: of many lines a few are written. */
final class SparingLog {
  private static final int LINES = 10;
  private static final long WINDOW_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final Logger log;
  private final LongSupplier nanoTime;
  private long begin;
  private int lines;
  private long unwritten;

  SparingLog(Logger log, LongSupplier nanoTime) {
    this.log = log;
    this.nanoTime = nanoTime;
    this.begin = nanoTime.getAsLong();
  }

  /** Ten a minute; the first one of another minute tells how many were left out. */
  void log(Level level, String text) {
    String line = admitted(text);
    if (!line.isEmpty()) {
      log.log(level, line);
    }
  }

  private synchronized String admitted(String text) {
    long now = nanoTime.getAsLong();
    if (now - begin >= WINDOW_NANOS) {
      begin = now;
      lines = 0;
    }
    if (lines == LINES) {
      unwritten++;
      return "";
    }
    lines++;
    String line =
        unwritten == 0 ? text : text + " (before it " + unwritten + " more were left out)";
    unwritten = 0;
    return line;
  }
}
