package dev.jbuild.dockerfile.convert;

import dev.jbuild.dockerfile.options.ContextOptions;
import dev.jbuild.llb.LlbOp;
import dev.jbuild.llb.OpMetadata;
import dev.jbuild.llb.OpNode;
import dev.jbuild.oci.json.Json;
import dev.jbuild.oci.json.JsonText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Makes ops that load files of the client. Source: LLB facts, section 2, scheme {@code local}. */
public final class LocalSources {
  private final ContextOptions options;

  public LocalSources(ContextOptions options) {
    this.options = options;
  }

  /** Single files, compared by content and not by time so that every edit is seen. */
  public OpNode.Output files(String local, List<String> paths, String hint, String name) {
    return source(local, paths, List.of(), hint, name, Map.of("local.differ", "none"));
  }

  /** A directory, or what lies below the paths where there are any, without the excludes. */
  OpNode.Output directory(
      String local, List<String> paths, List<String> excludes, String hint, String name) {
    return source(local, paths, excludes, hint, name, Map.of());
  }

  private OpNode.Output source(
      String local,
      List<String> paths,
      List<String> excludes,
      String hint,
      String name,
      Map<String, String> more) {
    var attrs = new TreeMap<>(more);
    if (!paths.isEmpty()) {
      attrs.put("local.followpaths", json(paths));
    }
    if (!excludes.isEmpty()) {
      attrs.put("local.excludepatterns", json(excludes));
    }
    attrs.put("local.sharedkeyhint", hint);
    String session = options.sessions().get(local);
    if (session != null) {
      attrs.put("local.session", session);
    }
    var op = new LlbOp.SourceOp("local://" + local, attrs);
    return new OpNode(op, List.of(), null, OpMetadata.named(name), List.of()).output(0);
  }

  private static String json(List<String> texts) {
    var items = new ArrayList<Json>();
    for (String text : texts) {
      items.add(new Json.Text(text));
    }
    return JsonText.compact(new Json.Arr(items));
  }
}
