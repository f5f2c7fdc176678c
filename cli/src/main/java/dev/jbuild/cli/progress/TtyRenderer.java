package dev.jbuild.cli.progress;

import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Draws the build in place: one line a step with its time, the running ones with the end of their
 * output below. A frame is written at once and over the one before it, line by line, so nothing
 * flickers. When the terminal is too low, finished steps scroll out of the frame first; the last
 * frame has them all.
 */
public final class TtyRenderer implements Renderer {
  private static final String HIDE_CURSOR = "\u001b[?25l";
  private static final String SHOW_CURSOR = "\u001b[?25h";
  private static final String NO_WRAP = "\u001b[?7l";
  private static final String WRAP = "\u001b[?7h";
  private static final String ERASE_LINE_END = "\u001b[K";
  private static final String ERASE_BELOW = "\u001b[J";
  private static final Duration FRAME = Duration.ofMillis(50);

  private final PrintStream out;
  private final Screen screen;
  private final Palette palette;
  private final Clock clock;
  private String title = "";
  private Instant begun = Instant.EPOCH;
  private Instant drawn = Instant.EPOCH;
  private @Nullable Duration daemonAhead;
  private int height;

  public TtyRenderer(PrintStream out, Screen screen, Palette palette, Clock clock) {
    this.out = out;
    this.screen = screen;
    this.palette = palette;
    this.clock = clock;
  }

  @Override
  public void begin(String what) {
    title = what;
    begun = clock.instant();
    write(HIDE_CURSOR, List.of(header(title, 0, 0)));
  }

  @Override
  public void refresh(Timeline timeline) {
    Instant now = clock.instant();
    if (Duration.between(drawn, now).compareTo(FRAME) < 0) {
      return;
    }
    drawn = now;
    write("", frame(timeline, Math.max(4, screen.rows() - 1)));
  }

  @Override
  public void end(Timeline timeline) {
    write("", frame(timeline, Integer.MAX_VALUE));
    out.print(SHOW_CURSOR);
    out.flush();
  }

  private List<String> frame(Timeline timeline, int rows) {
    Instant now = daemonNow(timeline);
    var blocks = new ArrayList<Block>();
    int done = 0;
    for (Step step : timeline.steps()) {
      blocks.add(block(step, now));
      done += step.running() ? 0 : 1;
    }
    int room = rows - 1;
    int used = blocks.stream().mapToInt(block -> block.lines().size()).sum();
    int index = 0;
    while (used > room && index < blocks.size()) {
      if (blocks.get(index).running()) {
        index++;
      } else {
        used -= blocks.remove(index).lines().size();
      }
    }
    var lines = new ArrayList<String>();
    lines.add(header(title, done, timeline.total()));
    // Running steps alone may still be too many: each then keeps its first lines.
    int each = used > room && !blocks.isEmpty() ? Math.max(1, room / blocks.size()) : room;
    for (Block block : blocks) {
      lines.addAll(block.lines().subList(0, Math.min(each, block.lines().size())));
    }
    return lines.subList(0, Math.min(lines.size(), rows));
  }

  private record Block(boolean running, List<String> lines) {}

  private Block block(Step step, Instant now) {
    int width = screen.columns();
    String mark =
        step.cancelled() ? "CANCELED " : step.failed() ? "ERROR " : step.cached() ? "CACHED " : "";
    String line =
        TerminalText.spread(
            " => " + mark + TerminalText.visible(step.name()),
            Figures.seconds(step.elapsed(now)),
            width);
    var lines = new ArrayList<String>();
    if (step.running()) {
      lines.add(line);
      tasks(step, now, lines);
      for (String text : last(step.tail(), screen.tailLines())) {
        lines.add(TerminalText.fit(" => => # " + TerminalText.visible(text), width));
      }
    } else if (step.failed()) {
      lines.add(palette.failure(line));
    } else {
      lines.add(palette.done(line));
    }
    return new Block(step.running(), lines);
  }

  private void tasks(Step step, Instant now, List<String> lines) {
    for (BuildEvent.Task task : step.tasks()) {
      Instant started = task.started();
      Instant completed = task.completed();
      if (started == null || (completed != null && step.tasks().size() > 8)) {
        continue;
      }
      String amount = Figures.amount(task.current(), task.total());
      Duration time = Duration.between(started, completed == null ? now : completed);
      lines.add(
          TerminalText.spread(
              " => => " + TerminalText.visible(task.id()) + (amount.isEmpty() ? "" : " " + amount),
              Figures.seconds(time),
              screen.columns()));
    }
  }

  private static List<String> last(List<String> lines, int count) {
    return lines.subList(Math.max(0, lines.size() - count), lines.size());
  }

  private String header(String what, int done, int total) {
    String left = "[+] Building " + Figures.seconds(Duration.between(begun, clock.instant()));
    String counts = total == 0 ? "" : " (" + done + "/" + total + ")";
    return TerminalText.fit(left + counts + (what.isEmpty() ? "" : " " + what), screen.columns());
  }

  /** What the daemon's clock shows now, taken from the first start it told of. */
  private Instant daemonNow(Timeline timeline) {
    Instant now = clock.instant();
    if (daemonAhead == null) {
      var first = timeline.firstStart();
      if (first.isEmpty()) {
        return now;
      }
      daemonAhead = Duration.between(now, first.get());
    }
    return now.plus(daemonAhead);
  }

  private void write(String before, List<String> lines) {
    var text = new StringBuilder(before).append(NO_WRAP);
    if (height > 0) {
      text.append("\u001b[").append(height).append("A\r");
    }
    for (String line : lines) {
      text.append(line).append(ERASE_LINE_END).append("\n");
    }
    text.append(ERASE_BELOW).append(WRAP);
    height = lines.size();
    out.print(text);
    out.flush();
  }
}
