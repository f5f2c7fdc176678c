package dev.jbuild.cli.progress;

import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * One line per event, for logs: {@code #5 [2/3] RUN make}, {@code #5 0.123 output}, {@code #5 DONE
 * 0.3s}. Lines of steps that run side by side are told apart by their number. A step that goes on
 * after its end, as BuildKit's do, is named once, and ends again where that tells something new.
 */
public final class PlainRenderer implements Renderer {
  private final PrintStream out;
  private final Set<Integer> named = new HashSet<>();

  /** The last lines of steps that are done. */
  private final Map<Integer, String> done = new HashMap<>();

  public PlainRenderer(PrintStream out) {
    this.out = out;
  }

  @Override
  public void begin(String title) {
    print("#0 " + title);
  }

  @Override
  public void started(Step step) {
    if (named.add(step.number())) {
      print("#" + step.number() + " " + step.name());
    }
  }

  @Override
  public void line(Step step, Instant time, String text) {
    var offset = Duration.between(step.start(time), time);
    done.remove(step.number());
    print("#" + step.number() + " " + Figures.millis(offset) + " " + text);
  }

  @Override
  public void taskEnded(Step step, BuildEvent.Task task) {
    Instant started = task.started();
    Instant completed = task.completed();
    if (started == null || completed == null) {
      return;
    }
    done.remove(step.number());
    String amount = Figures.amount(task.current(), task.total());
    print(
        "#"
            + step.number()
            + " "
            + task.id()
            + (amount.isEmpty() ? "" : " " + amount)
            + " "
            + Figures.seconds(Duration.between(started, completed))
            + " done");
  }

  @Override
  public void ended(Step step) {
    String prefix = "#" + step.number() + " ";
    if (step.cancelled()) {
      print(prefix + "CANCELED");
    } else if (step.failed()) {
      // Hints are further lines of the message.
      print(prefix + "ERROR: " + step.error().replace("\n", "\n" + prefix));
    } else if (step.cached()) {
      print(prefix + "CACHED");
    } else {
      String line = prefix + "DONE " + Figures.seconds(step.elapsed(Instant.MIN));
      if (!line.equals(done.put(step.number(), line))) {
        print(line);
      }
    }
  }

  @Override
  public void end(Timeline timeline) {
    out.flush();
  }

  private void print(String line) {
    out.print(line + "\n");
    out.flush();
  }
}
