package dev.jbuild.cli.history;

import dev.jbuild.cli.progress.BuildEvent;
import dev.jbuild.cli.progress.Figures;
import dev.jbuild.cli.progress.TerminalText;
import dev.jbuild.error.Detail;
import dev.jbuild.error.SourceExcerpt;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/**
 * A build as text for people.
 *
 * @param now for one that runs
 */
public record Inspection(Instant now) {
  private static final int CONTACTS = 20;

  /** Lines with line ends. */
  public String of(Story story) {
    var out = new StringBuilder();
    BuildEntry entry = story.entry();
    field(out, "Build", entry.ref() + (entry.pinned() ? " (pinned)" : ""));
    field(out, "Name", entry.name());
    field(out, "Status", entry.state().title());
    field(out, "Started", entry.created().toString());
    field(out, "Duration", HistoryTable.duration(entry.duration(now)));
    BuildEntry.Steps steps = entry.steps();
    if (entry.state() != BuildEntry.State.RUNNING) {
      field(
          out,
          "Steps",
          steps.completed() + " of " + steps.total() + ", " + steps.cached() + " cached");
    }
    field(out, "Frontend", entry.frontend());
    entry.attrs().forEach((key, value) -> field(out, "Option", key + "=" + value));
    for (BuildEntry.Output output : entry.outputs()) {
      field(out, "Output", "type=" + output.type() + attrs(output.attrs()));
    }
    story.entitlements().forEach(id -> field(out, "Granted", id));
    entry.response().forEach((key, value) -> field(out, "Answer", key + "=" + shortened(value)));
    if (!entry.error().isEmpty()) {
      out.append("\nError: ").append(visible(entry.error())).append("\n");
      for (Detail detail : story.details()) {
        if (detail instanceof Detail.Source source && !source.ranges().isEmpty()) {
          SourceExcerpt.render(source).forEach(line -> out.append("  ").append(line).append("\n"));
        }
      }
    }
    warnings(story, out);
    out.append("\nSteps:\n");
    for (StoryStep step : story.steps()) {
      step(step, story.begin(), out);
    }
    story.notes().forEach(note -> out.append("\nNote: ").append(note).append("\n"));
    return out.toString();
  }

  private static void warnings(Story story, StringBuilder out) {
    if (!story.warnings().isEmpty()) {
      out.append("\nWarnings:\n");
    }
    for (BuildEvent.Warning warning : story.warnings()) {
      String place = warning.place().isEmpty() ? "" : warning.place() + ": ";
      out.append("  ").append(visible(place + warning.text())).append("\n");
    }
  }

  private static void step(StoryStep step, Instant begin, StringBuilder out) {
    out.append("#").append(step.number()).append(" ").append(visible(step.name())).append("\n");
    out.append("    ").append(step.outcome().word());
    if (!step.spans().isEmpty()) {
      out.append(", ")
          .append(Figures.millis(step.duration()))
          .append("s, began at +")
          .append(Figures.millis(Duration.between(begin, step.spans().get(0).from())))
          .append("s");
    }
    out.append("\n");
    step.why().forEach(why -> out.append("    why: ").append(visible(why)).append("\n"));
    if (!step.error().isEmpty()) {
      out.append("    error: ").append(visible(step.error())).append("\n");
    }
    StepTraffic traffic = step.traffic();
    if (traffic != null) {
      traffic(traffic, out);
    }
  }

  private static void traffic(StepTraffic traffic, StringBuilder out) {
    String mode = "    network: " + traffic.mode();
    if (traffic.contacts().isEmpty()) {
      out.append(mode)
          .append(traffic.quiet() ? ", no socket beyond its own loopback" : ", talked to nobody")
          .append("\n");
    }
    traffic.contacts().stream()
        .limit(CONTACTS)
        .forEach(
            contact -> {
              out.append(mode)
                  .append(", ")
                  .append(contact.kind().word())
                  .append(" ")
                  .append(visible(contact.with()))
                  .append(": ")
                  .append(visible(contact.outcome()));
              if (contact.kind() == StepTraffic.Kind.PEER) {
                out.append(", ")
                    .append(Figures.bytes(contact.sent()))
                    .append(" sent, ")
                    .append(Figures.bytes(contact.received()))
                    .append(" received");
              }
              out.append("\n");
            });
    if (traffic.contacts().size() > CONTACTS) {
      out.append("    network: and ")
          .append(traffic.contacts().size() - CONTACTS)
          .append(" more; see --format json\n");
    }
    traffic
        .notSeen()
        .forEach(why -> out.append("    network: not seen: ").append(visible(why)).append("\n"));
  }

  private static void field(StringBuilder out, String title, String value) {
    if (!value.isEmpty()) {
      out.append(title)
          .append(":")
          .append(" ".repeat(Math.max(1, 10 - title.length())))
          .append(visible(value))
          .append("\n");
    }
  }

  private static String attrs(Map<String, String> attrs) {
    var text = new StringBuilder();
    attrs.forEach((key, value) -> text.append(",").append(key).append("=").append(value));
    return text.toString();
  }

  private static String shortened(String value) {
    return value.length() > 100 ? value.substring(0, 97) + "..." : value;
  }

  private static String visible(String text) {
    return TerminalText.visible(text.replace('\n', ' '));
  }
}
