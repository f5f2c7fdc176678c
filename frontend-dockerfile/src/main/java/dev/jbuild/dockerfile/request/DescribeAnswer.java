package dev.jbuild.dockerfile.request;

import dev.jbuild.frontend.FrontendResult;
import dev.jbuild.oci.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Which requests there are. */
public final class DescribeAnswer {
  private DescribeAnswer() {}

  public static FrontendResult result() {
    var list = new ArrayList<Json>();
    var rows = new ArrayList<List<String>>();
    rows.add(List.of("NAME", "VERSION", "DESCRIPTION"));
    for (Subrequest request : Subrequest.values()) {
      list.add(json(request));
      rows.add(List.of(request.id(), Answer.version(), request.description()));
    }
    return Answer.of(new Json.Arr(list), Answer.table(rows), Map.of());
  }

  private static Json json(Subrequest request) {
    var keys = new ArrayList<Json>();
    for (String key : request.metadata()) {
      keys.add(new Json.Obj(Map.of("name", new Json.Text(key))));
    }
    var out = new LinkedHashMap<String, Json>();
    out.put("name", new Json.Text(request.id()));
    out.put("version", new Json.Text(Answer.version()));
    out.put("type", new Json.Text("rpc"));
    out.put("description", new Json.Text(request.description()));
    out.put("opts", new Json.Arr(List.of()));
    out.put("inputs", new Json.Arr(List.of()));
    out.put("metadata", new Json.Arr(keys));
    out.put("refs", new Json.Arr(List.of()));
    return new Json.Obj(out);
  }
}
