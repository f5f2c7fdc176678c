package dev.jbuild.cli.history.page;

import dev.jbuild.cli.history.BuildEntry;
import dev.jbuild.cli.history.Story;
import dev.jbuild.cli.progress.BuildEvent;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.Set;

/**
 * A build as one page of HTML. It has no script and names nothing outside of itself; its policy
 * forbids both, should a text ever get past the escaping.
 *
 * @param now for a build that runs
 */
public record BuildPage(Instant now) {
  private static final String STYLE = "page.css";
  private static final String POLICY =
      "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
  private static final int VALUE = 2_000;

  /** The whole document. */
  public String of(Story story) {
    var html = new Html();
    BuildEntry entry = story.entry();
    html.own("<!DOCTYPE html>\n").open("html", "lang", "en").open("head").line();
    html.open("meta", "charset", "utf-8").line();
    html.open("meta", "http-equiv", "Content-Security-Policy", "content", POLICY).line();
    html.open("meta", "name", "referrer", "content", "no-referrer").line();
    html.open("meta", "name", "viewport", "content", "width=device-width, initial-scale=1").line();
    html.open("meta", "name", "color-scheme", "content", "light dark").line();
    html.element("title", entry.name() + " – " + entry.state().title() + " – jbuild").line();
    html.open("style").own(style()).close("style").close("head").line();
    html.open("body");
    html.element("a", "Skip to the timeline", "class", "skip", "href", "#timeline");
    header(story, html);
    Set<String> critical = CriticalPath.of(story.steps());
    html.open("main");
    if (FailureView.needed(story)) {
      FailureView.write(story, html);
    }
    warnings(story, html);
    new TimelineView(story, critical).write(html);
    new GraphView(story.steps(), critical).write(html);
    NetworkView.write(story, html);
    new StepView(story).write(html);
    request(story, html);
    html.close("main");
    html.open("footer");
    story.notes().forEach(note -> html.element("p", note));
    html.element("p", "Written by jbuild at " + Words.time(now) + ". Times are the daemon's.");
    html.close("footer").close("body").close("html").line();
    return html.toString();
  }

  private void header(Story story, Html html) {
    BuildEntry entry = story.entry();
    html.open("header").open("div", "class", "title");
    html.element("h1", entry.name());
    html.element(
        "span",
        entry.state().title(),
        "class",
        "badge " + entry.state().word().replace("error", "failed"));
    if (entry.pinned()) {
      html.element("span", "pinned", "class", "badge");
    }
    html.close("div").line();
    html.open("p", "class", "muted").text("Build ").element("code", entry.ref());
    html.text(", began ");
    html.element("time", Words.time(entry.created()), "datetime", entry.created().toString());
    html.close("p");
    html.open("ul", "class", "figures");
    figure("Duration", Words.duration(entry.duration(now)), html);
    figure("Steps", Integer.toString(story.steps().size()), html);
    long cached =
        story.steps().stream().filter(step -> Words.style(step.outcome()).equals("cached")).count();
    figure("Cached", Long.toString(cached), html);
    figure("Warnings", Integer.toString(story.warnings().size()), html);
    figure("Network contacts", Integer.toString(NetworkView.contacts(story)), html);
    html.close("ul");
    html.open("nav", "aria-label", "Parts of this page");
    if (FailureView.needed(story)) {
      link("error", "Error", html);
    }
    if (!story.warnings().isEmpty()) {
      link("warnings", "Warnings", html);
    }
    link("timeline", "Timeline", html);
    link("graph", "Graph", html);
    link("network", "Network", html);
    link("steps", "Steps", html);
    link("request", "Request", html);
    html.close("nav").close("header").line();
  }

  private static void figure(String title, String value, Html html) {
    html.open("li").element("strong", value).element("span", title).close("li");
  }

  private static void link(String id, String title, Html html) {
    html.element("a", title, "href", "#" + id).text(" ");
  }

  private static void warnings(Story story, Html html) {
    if (story.warnings().isEmpty()) {
      return;
    }
    html.open("section", "id", "warnings", "aria-labelledby", "warnings-title");
    html.element("h2", "Warnings", "id", "warnings-title").open("ul", "class", "warnings");
    for (BuildEvent.Warning warning : story.warnings()) {
      html.open("li");
      if (!warning.place().isEmpty()) {
        html.element("code", warning.place()).text(" ");
      }
      html.text(warning.text());
      warning.detail().forEach(line -> html.element("p", line, "class", "muted"));
      html.close("li").line();
    }
    html.close("ul").close("section").line();
  }

  private static void request(Story story, Html html) {
    BuildEntry entry = story.entry();
    html.open("section", "id", "request", "aria-labelledby", "request-title");
    html.element("h2", "Request and result", "id", "request-title");
    html.open("div", "class", "scroll", "tabindex", "0").open("table").open("tbody").line();
    row("Frontend", "", entry.frontend(), html);
    entry.attrs().forEach((key, value) -> row("Option", key, value, html));
    for (BuildEntry.Output output : entry.outputs()) {
      row("Output", output.type(), pairs(output.attrs()), html);
    }
    story.entitlements().forEach(id -> row("Granted by the request", id, "", html));
    entry.response().forEach((key, value) -> row("Answer", key, value, html));
    html.close("tbody").close("table").close("div").close("section").line();
  }

  private static String pairs(Map<String, String> attrs) {
    var text = new StringBuilder();
    attrs.forEach(
        (key, value) ->
            text.append(text.isEmpty() ? "" : ", ").append(key).append("=").append(value));
    return text.toString();
  }

  private static void row(String what, String key, String value, Html html) {
    if (key.isEmpty() && value.isEmpty()) {
      return;
    }
    html.open("tr").element("th", what, "scope", "row");
    html.element("td", key).element("td", Words.brief(value, VALUE)).close("tr").line();
  }

  private static String style() {
    try (InputStream in = BuildPage.class.getResourceAsStream(STYLE)) {
      if (in == null) {
        throw new IllegalStateException(STYLE + " is not in the class path");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
