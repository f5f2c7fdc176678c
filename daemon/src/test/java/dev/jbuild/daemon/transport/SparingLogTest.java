package dev.jbuild.daemon.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.ResourceBundle;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SparingLogTest {

  private record Kept(List<String> lines) implements Logger {
    @Override
    public String getName() {
      return "kept";
    }

    @Override
    public boolean isLoggable(Level level) {
      return true;
    }

    @Override
    public void log(
        Level level, @Nullable ResourceBundle bundle, String text, @Nullable Throwable thrown) {
      lines.add(text);
    }

    @Override
    public void log(
        Level level, @Nullable ResourceBundle bundle, String text, @Nullable Object... values) {
      lines.add(text);
    }
  }

  @Test
  void ofManyLinesTenAMinuteAreWrittenAndTheRestIsCounted() {
    var kept = new Kept(new ArrayList<>());
    var now = new AtomicLong(5);
    var log = new SparingLog(kept, now::get);
    for (int i = 0; i < 312; i++) {
      log.log(Level.WARNING, "line " + i);
    }
    assertEquals(10, kept.lines().size());
    assertEquals("line 9", kept.lines().get(9));
    now.addAndGet(TimeUnit.MINUTES.toNanos(1));
    log.log(Level.WARNING, "later");
    log.log(Level.WARNING, "the next");
    assertEquals(
        List.of("later (before it 302 more were left out)", "the next"),
        kept.lines().subList(10, 12));
  }
}
