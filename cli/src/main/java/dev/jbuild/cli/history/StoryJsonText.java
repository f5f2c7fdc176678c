package dev.jbuild.cli.history;

import dev.jbuild.oci.json.Json;
import dev.jbuild.oci.json.JsonText;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Builds as JSON for programs. Times are RFC 3339, durations seconds. */
public final class StoryJsonText {
  private StoryJsonText() {}

  /** One line; the names that buildx gives are the same. */
  public static String line(BuildEntry build) {
    return JsonText.compact(new Json.Obj(entry(build)));
  }

  /** All of a build but what steps printed. */
  public static String of(Story story) {
    BuildEntry build = story.entry();
    Map<String, Json> members = entry(build);
    members.put("frontend", new Json.Text(build.frontend()));
    members.put("attrs", texts(build.attrs()));
    var outputs = new ArrayList<Json>();
    for (BuildEntry.Output output : build.outputs()) {
      var each = new LinkedHashMap<String, Json>();
      each.put("type", new Json.Text(output.type()));
      each.put("attrs", texts(output.attrs()));
      outputs.add(new Json.Obj(each));
    }
    members.put("outputs", new Json.Arr(outputs));
    members.put("entitlements", texts(story.entitlements()));
    members.put("response", texts(build.response()));
    members.put("warnings", texts(story.warnings().stream().map(w -> w.text()).toList()));
    var steps = new ArrayList<Json>();
    story.steps().forEach(step -> steps.add(step(step, story.begin())));
    members.put("steps", new Json.Arr(steps));
    members.put("notes", texts(story.notes()));
    return JsonText.indented(new Json.Obj(members));
  }

  private static Map<String, Json> entry(BuildEntry build) {
    var members = new LinkedHashMap<String, Json>();
    members.put("ref", new Json.Text(build.ref()));
    members.put("name", new Json.Text(build.name()));
    members.put("status", new Json.Text(build.state().title()));
    members.put("created_at", new Json.Text(build.created().toString()));
    Instant completed = build.completed();
    if (completed != null) {
      members.put("completed_at", new Json.Text(completed.toString()));
    }
    members.put("total_steps", number(build.steps().total()));
    members.put("completed_steps", number(build.steps().completed()));
    members.put("cached_steps", number(build.steps().cached()));
    members.put("warnings_count", number(build.steps().warnings()));
    members.put("pinned", new Json.Bool(build.pinned()));
    if (!build.error().isEmpty()) {
      members.put("error", new Json.Text(build.error()));
    }
    return members;
  }

  private static Json step(StoryStep step, Instant begin) {
    var members = new LinkedHashMap<String, Json>();
    members.put("number", number(step.number()));
    members.put("digest", new Json.Text(step.digest()));
    members.put("name", new Json.Text(step.name()));
    members.put("stage", new Json.Text(step.stage()));
    members.put("inputs", texts(step.inputs()));
    members.put("outcome", new Json.Text(step.outcome().word()));
    if (!step.spans().isEmpty()) {
      members.put("started_at", new Json.Text(step.spans().get(0).from().toString()));
      members.put("offset", seconds(Duration.between(begin, step.spans().get(0).from())));
    }
    members.put("duration", seconds(step.duration()));
    members.put("why", texts(step.why()));
    if (!step.error().isEmpty()) {
      members.put("error", new Json.Text(step.error()));
    }
    StepTraffic traffic = step.traffic();
    if (traffic != null) {
      members.put("network", traffic(traffic));
    }
    return new Json.Obj(members);
  }

  private static Json traffic(StepTraffic traffic) {
    var members = new LinkedHashMap<String, Json>();
    members.put("mode", new Json.Text(traffic.mode()));
    members.put("quiet", new Json.Bool(traffic.quiet()));
    var contacts = new ArrayList<Json>();
    for (StepTraffic.Contact contact : traffic.contacts()) {
      var each = new LinkedHashMap<String, Json>();
      each.put("kind", new Json.Text(contact.kind().word()));
      each.put("with", new Json.Text(contact.with()));
      each.put("outcome", new Json.Text(contact.outcome()));
      each.put("bytesSent", number(contact.sent()));
      each.put("bytesReceived", number(contact.received()));
      contacts.add(new Json.Obj(each));
    }
    members.put("contacts", new Json.Arr(contacts));
    members.put("notSeen", texts(traffic.notSeen()));
    return new Json.Obj(members);
  }

  private static Json seconds(Duration duration) {
    return new Json.Num(BigDecimal.valueOf(duration.toMillis(), 3).toPlainString());
  }

  private static Json number(long value) {
    return new Json.Num(Long.toString(value));
  }

  private static Json texts(Map<String, String> values) {
    var members = new LinkedHashMap<String, Json>();
    values.forEach((key, value) -> members.put(key, new Json.Text(value)));
    return new Json.Obj(members);
  }

  private static Json texts(Collection<String> values) {
    List<Json> items = new ArrayList<>();
    values.forEach(value -> items.add(new Json.Text(value)));
    return new Json.Arr(items);
  }
}
