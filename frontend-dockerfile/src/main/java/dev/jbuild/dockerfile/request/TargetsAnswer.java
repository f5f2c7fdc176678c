package dev.jbuild.dockerfile.request;

import dev.jbuild.dockerfile.instruction.Description;
import dev.jbuild.dockerfile.instruction.Dockerfile;
import dev.jbuild.dockerfile.instruction.Instruction;
import dev.jbuild.dockerfile.instruction.Word;
import dev.jbuild.dockerfile.parse.SourceFile;
import dev.jbuild.frontend.FrontendResult;
import dev.jbuild.oci.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The stages of a file, as written. */
public final class TargetsAnswer {
  private TargetsAnswer() {}

  public static FrontendResult result(SourceFile file, Dockerfile dockerfile) {
    var targets = new ArrayList<Json>();
    var rows = new ArrayList<List<String>>();
    rows.add(List.of("TARGET", "BASE", "DESCRIPTION"));
    for (Dockerfile.Section section : dockerfile.stages()) {
      Instruction.From from = section.from();
      Word written = from.stageNameWord();
      String name = from.stageName() == null ? "" : from.stageName();
      String description = written == null ? "" : Description.of(from, written.text());
      boolean last = targets.size() == dockerfile.stages().size() - 1;
      var out = new LinkedHashMap<String, Json>();
      Answer.put(out, "name", name);
      if (last) {
        out.put("default", new Json.Bool(true));
      }
      Answer.put(out, "description", description);
      Answer.put(out, "base", from.image().text());
      Answer.put(out, "platform", from.platform() == null ? "" : from.platform().text());
      out.put("location", Answer.location(from.range()));
      targets.add(new Json.Obj(out));
      String shown = name.isEmpty() ? String.valueOf(targets.size() - 1) : name;
      rows.add(List.of(last ? shown + " (default)" : shown, from.image().text(), description));
    }
    var out = new LinkedHashMap<String, Json>();
    out.put("targets", new Json.Arr(targets));
    out.put("sources", new Json.Arr(List.of(Answer.content(file))));
    return Answer.of(new Json.Obj(out), Answer.table(rows), Map.of());
  }
}
