package dev.jbuild.cli.history.page;

import dev.jbuild.cli.history.StepTraffic;
import dev.jbuild.cli.history.StepTraffic.Contact;
import dev.jbuild.cli.history.Story;
import dev.jbuild.cli.history.StoryStep;
import dev.jbuild.cli.progress.Figures;

/** What all steps talked to, in one table. */
final class NetworkView {
  private static final int ROWS = 500;

  private NetworkView() {}

  /** How many peers, names and refusals there are. */
  static int contacts(Story story) {
    int count = 0;
    for (StoryStep step : story.steps()) {
      StepTraffic traffic = step.traffic();
      count += traffic == null ? 0 : traffic.contacts().size();
    }
    return count;
  }

  static void write(Story story, Html html) {
    html.open("section", "id", "network", "aria-labelledby", "network-title");
    html.element("h2", "Network", "id", "network-title");
    int all = contacts(story);
    if (all == 0) {
      boolean told = story.steps().stream().anyMatch(step -> step.traffic() != null);
      html.element(
          "p",
          told ? "No step talked to anybody." : "No step that could talk to somebody ran.",
          "class",
          "muted");
    } else {
      table(html, true);
      int left = ROWS;
      for (StoryStep step : story.steps()) {
        StepTraffic traffic = step.traffic();
        if (traffic != null && left > 0) {
          traffic.contacts().stream()
              .limit(left)
              .forEach(contact -> row(contact, step.number(), html));
          left -= traffic.contacts().size();
        }
      }
      html.close("tbody").close("table").close("div");
      if (all > ROWS) {
        html.element("p", "And " + (all - ROWS) + " more, told with their steps.");
      }
    }
    html.close("section").line();
  }

  /** Begins a table, which the caller ends. */
  static void table(Html html, boolean ofSteps) {
    html.open("div", "class", "scroll", "tabindex", "0");
    html.open("table").open("thead").open("tr");
    if (ofSteps) {
      html.element("th", "Step", "scope", "col");
    }
    html.element("th", "What", "scope", "col")
        .element("th", "With", "scope", "col")
        .element("th", "Came of it", "scope", "col")
        .element("th", "Sent", "scope", "col", "class", "amount")
        .element("th", "Received", "scope", "col", "class", "amount");
    html.close("tr").close("thead").open("tbody").line();
  }

  /**
   * One contact.
   *
   * @param number of its step; negative for none
   */
  static void row(Contact contact, int number, Html html) {
    boolean refused = contact.kind() == StepTraffic.Kind.REFUSED;
    boolean peer = contact.kind() == StepTraffic.Kind.PEER;
    html.open("tr", "class", refused ? "refused" : null);
    if (number >= 0) {
      html.open("td").element("a", "#" + number, "href", "#" + Words.anchor(number)).close("td");
    }
    html.element("td", contact.kind().word());
    html.element("td", contact.with()).element("td", contact.outcome());
    html.element("td", peer ? Figures.bytes(contact.sent()) : "", "class", "amount");
    html.element("td", peer ? Figures.bytes(contact.received()) : "", "class", "amount");
    html.close("tr").line();
  }
}
