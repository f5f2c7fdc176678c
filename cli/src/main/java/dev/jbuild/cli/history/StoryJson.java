package dev.jbuild.cli.history;

import dev.jbuild.cli.history.StepTraffic.Contact;
import dev.jbuild.cli.history.StepTraffic.Kind;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.json.Json;
import dev.jbuild.oci.json.JsonText;
import dev.jbuild.oci.json.OciFormatException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads what the daemon tells of a build in JSON: why steps ran, and the network ledger. */
public final class StoryJson {
  private StoryJson() {}

  /**
   * Why steps ran, by digest.
   *
   * @throws OciFormatException when it is not JSON, or too large
   */
  public static Map<String, List<String>> trace(Bytes json) throws OciFormatException {
    var why = new LinkedHashMap<String, List<String>>();
    for (Json line : items(JsonText.parse(json))) {
      why.computeIfAbsent(text(line, "digest"), digest -> new ArrayList<>())
          .add(text(line, "text"));
    }
    return why;
  }

  /**
   * The traffic of steps, by digest.
   *
   * @throws OciFormatException when it is not JSON, or too large
   */
  public static Map<String, StepTraffic> network(Bytes json) throws OciFormatException {
    var traffic = new LinkedHashMap<String, StepTraffic>();
    for (Json step : items(member(JsonText.parse(json), "steps"))) {
      var contacts = new ArrayList<Contact>();
      items(member(step, "peers")).forEach(peer -> contacts.add(peer(peer)));
      items(member(step, "lookups")).forEach(lookup -> contacts.add(lookup(lookup)));
      items(member(step, "refusals")).forEach(refusal -> contacts.add(refusal(refusal)));
      traffic.put(
          text(step, "digest"),
          new StepTraffic(
              text(step, "mode"), flag(step, "quiet"), contacts, texts(member(step, "notSeen"))));
    }
    return traffic;
  }

  private static Contact peer(Json peer) {
    String with = text(peer, "protocol") + " " + endpoint(peer) + named(text(peer, "name"));
    String state = text(peer, "state");
    return new Contact(
        Kind.PEER,
        flag(peer, "incoming") ? with + ", which connected to the step" : with,
        state.equals("silent") ? "no answer" : state,
        number(peer, "bytesSent"),
        number(peer, "bytesReceived"));
  }

  private static Contact lookup(Json lookup) {
    List<String> answers = texts(member(lookup, "answers"));
    String outcome = text(lookup, "outcome");
    String resolver = text(lookup, "resolver");
    return new Contact(
        Kind.NAME,
        text(lookup, "name") + " (" + text(lookup, "type") + ")",
        (answers.isEmpty() ? outcome : String.join(", ", answers))
            + (resolver.isEmpty() ? "" : ", told by " + resolver),
        0,
        0);
  }

  private static Contact refusal(Json refusal) {
    String address = text(refusal, "address");
    String name = text(refusal, "name");
    String with =
        address.isEmpty()
            ? "the name " + name
            : text(refusal, "protocol") + " " + endpoint(refusal) + named(name);
    String rule = text(refusal, "rule");
    return new Contact(
        Kind.REFUSED,
        with,
        flag(refusal, "egress") ? "by the egress rule " + rule : "steps do not reach " + rule,
        0,
        0);
  }

  private static String endpoint(Json json) {
    String address = text(json, "address");
    long port = number(json, "port");
    if (port == 0) {
      return address;
    }
    return (address.indexOf(':') < 0 ? address : "[" + address + "]") + ":" + port;
  }

  private static String named(String name) {
    return name.isEmpty() ? "" : " (" + name + ")";
  }

  private static Json member(Json json, String name) {
    return json instanceof Json.Obj object
        ? object.members().getOrDefault(name, new Json.Null())
        : new Json.Null();
  }

  private static List<Json> items(Json json) {
    return json instanceof Json.Arr array ? array.items() : List.of();
  }

  private static List<String> texts(Json json) {
    return items(json).stream().map(item -> item instanceof Json.Text t ? t.value() : "").toList();
  }

  private static String text(Json json, String name) {
    return member(json, name) instanceof Json.Text text ? text.value() : "";
  }

  private static boolean flag(Json json, String name) {
    return member(json, name) instanceof Json.Bool bool && bool.value();
  }

  private static long number(Json json, String name) {
    try {
      return member(json, name) instanceof Json.Num number ? Long.parseLong(number.text()) : 0;
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
