package dev.jbuild.dockerfile.request;

import dev.jbuild.dockerfile.convert.Outline;
import dev.jbuild.dockerfile.instruction.Description;
import dev.jbuild.dockerfile.instruction.Instruction;
import dev.jbuild.dockerfile.instruction.Word;
import dev.jbuild.dockerfile.parse.SourceFile;
import dev.jbuild.frontend.FrontendResult;
import dev.jbuild.oci.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a target takes from the client. */
public final class OutlineAnswer {
  private OutlineAnswer() {}

  /**
   * @param target the stage that would be built
   */
  public static FrontendResult result(SourceFile file, Instruction.From target, Outline outline) {
    Word written = target.stageNameWord();
    String name = target.stageName() == null ? "" : target.stageName();
    String description = written == null ? "" : Description.of(target, written.text());
    var out = new LinkedHashMap<String, Json>();
    Answer.put(out, "name", name);
    Answer.put(out, "description", description);
    arguments(out, outline.arguments());
    needs(out, "secrets", "name", outline.secrets());
    needs(out, "ssh", "name", outline.agents());
    needs(out, "cache", "ID", outline.caches());
    out.put("sources", new Json.Arr(List.of(Answer.content(file))));
    return Answer.of(new Json.Obj(out), text(name, description, outline), Map.of());
  }

  private static void arguments(Map<String, Json> out, List<Outline.Argument> arguments) {
    var list = new ArrayList<Json>();
    for (Outline.Argument argument : arguments) {
      var members = new LinkedHashMap<String, Json>();
      Answer.put(members, "name", argument.name());
      Answer.put(members, "description", argument.description());
      Answer.put(members, "value", argument.value());
      members.put("location", Answer.location(argument.range()));
      list.add(new Json.Obj(members));
    }
    if (!list.isEmpty()) {
      out.put("args", new Json.Arr(list));
    }
  }

  private static void needs(
      Map<String, Json> out, String key, String idKey, List<Outline.Need> needs) {
    var list = new ArrayList<Json>();
    for (Outline.Need need : needs) {
      var members = new LinkedHashMap<String, Json>();
      members.put(idKey, new Json.Text(need.id()));
      if (need.required()) {
        members.put("required", new Json.Bool(true));
      }
      members.put("location", Answer.location(need.range()));
      list.add(new Json.Obj(members));
    }
    if (!list.isEmpty()) {
      out.put(key, new Json.Arr(list));
    }
  }

  private static String text(String name, String description, Outline outline) {
    var text = new StringBuilder();
    text.append("TARGET: ").append(name.isEmpty() ? "(without a name)" : name).append('\n');
    if (!description.isEmpty()) {
      text.append("DESCRIPTION: ").append(description).append('\n');
    }
    var rows = new ArrayList<List<String>>();
    rows.add(List.of("BUILD ARG", "VALUE", "DESCRIPTION"));
    for (Outline.Argument argument : outline.arguments()) {
      String value = argument.value();
      rows.add(List.of(argument.name(), value == null ? "" : value, argument.description()));
    }
    append(text, rows);
    append(text, rows("SECRET", outline.secrets()));
    append(text, rows("SSH", outline.agents()));
    append(text, rows("CACHE", outline.caches()));
    return text.toString();
  }

  private static List<List<String>> rows(String title, List<Outline.Need> needs) {
    var rows = new ArrayList<List<String>>();
    rows.add(List.of(title, ""));
    needs.forEach(need -> rows.add(List.of(need.id(), need.required() ? "required" : "")));
    return rows;
  }

  private static void append(StringBuilder text, List<List<String>> rows) {
    if (rows.size() > 1) {
      text.append('\n').append(Answer.table(rows));
    }
  }
}
