package dev.jbuild.dockerfile;

import dev.jbuild.llb.Attempts;
import dev.jbuild.llb.ExecMeta;
import dev.jbuild.llb.FileAction;
import dev.jbuild.llb.LlbOp;
import dev.jbuild.llb.MountSpec;
import dev.jbuild.llb.OpMetadata;
import dev.jbuild.llb.OpNode;
import dev.jbuild.llb.SourceLocation;
import dev.jbuild.llb.SourceRange;
import dev.jbuild.oci.json.Json;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A graph as JSON for people to read: ops in order, inputs by number, defaults left out. */
final class GraphJson {
  private final IdentityHashMap<OpNode, Integer> numbers = new IdentityHashMap<>();
  private final List<Json> ops = new ArrayList<>();

  static Json of(OpNode.@Nullable Output result) {
    var graph = new GraphJson();
    var out = new LinkedHashMap<String, Json>();
    if (result != null) {
      graph.add(result.node());
      out.put("ops", new Json.Arr(graph.ops));
      out.put("result", text(graph.reference(result)));
    }
    return new Json.Obj(out);
  }

  /** Inputs first, without recursion: graphs are deep. */
  private void add(OpNode last) {
    var waiting = new ArrayDeque<OpNode>();
    waiting.push(last);
    while (!waiting.isEmpty()) {
      OpNode node = waiting.peek();
      boolean ready = true;
      for (OpNode.Output input : node.inputs().reversed()) {
        if (!numbers.containsKey(input.node())) {
          waiting.push(input.node());
          ready = false;
        }
      }
      if (ready) {
        waiting.pop();
        if (!numbers.containsKey(node)) {
          numbers.put(node, ops.size());
          ops.add(op(node));
        }
      }
    }
  }

  private String reference(OpNode.Output output) {
    String suffix = output.index() == 0 ? "" : ":" + output.index();
    return "#" + numbers.get(output.node()) + suffix;
  }

  private Json op(OpNode node) {
    var out = new Fields();
    out.text("name", node.metadata().description().get(OpMetadata.CUSTOM_NAME));
    out.text("lines", lines(node.locations()));
    if (node.platform() != null) {
      out.text("platform", node.platform().toString());
    }
    OpMetadata.ProgressGroup group = node.metadata().progressGroup();
    if (group != null) {
      out.text("group", (group.weak() ? "before " : "") + group.name());
    }
    out.flag("ignoreCache", node.metadata().ignoreCache());
    if (node.metadata().linuxResources() != null) {
      out.text("resources", node.metadata().linuxResources().toString());
    }
    Attempts attempts = Attempts.of(node.metadata().description());
    if (!attempts.equals(Attempts.ONE)) {
      out.text("attempts", attempts.toString());
    }
    List<String> inputs = new ArrayList<>();
    node.inputs().forEach(input -> inputs.add(reference(input)));
    out.texts("inputs", inputs);
    switch (node.op()) {
      case LlbOp.SourceOp source -> {
        out.text("source", source.identifier());
        source.attrs().forEach(out::text);
      }
      case LlbOp.ExecOp exec -> exec(out, exec);
      case LlbOp.FileOp file -> {
        var actions = new ArrayList<Json>();
        file.actions().forEach(action -> actions.add(action(action)));
        out.put("actions", new Json.Arr(actions));
      }
      case LlbOp.MergeOp merge -> out.texts("merge", strings(merge.inputs()));
      default -> throw new IllegalStateException("the frontend makes no " + node.op());
    }
    return out.json();
  }

  private static String lines(List<SourceLocation> locations) {
    var text = new StringBuilder();
    for (SourceLocation location : locations) {
      for (SourceRange range : location.ranges()) {
        text.append(range.startLine()).append('-').append(range.endLine());
      }
    }
    return text.toString();
  }

  private static void exec(Fields out, LlbOp.ExecOp exec) {
    ExecMeta meta = exec.meta();
    out.texts("args", meta.args());
    out.texts("env", meta.env());
    out.text("cwd", meta.cwd());
    out.text("user", meta.user());
    out.text("network", exec.network().toString());
    out.text("security", exec.security().name().equals("SANDBOX") ? "" : exec.security().name());
    if (!meta.proxyEnv().equals(ExecMeta.ProxyEnv.NONE)) {
      out.text("proxy", meta.proxyEnv().toString());
    }
    out.texts("hosts", strings(meta.extraHosts()));
    out.text("hostname", meta.hostname());
    out.texts("ulimits", strings(meta.ulimits()));
    out.text("cgroupParent", meta.cgroupParent());
    out.texts("secretEnv", strings(exec.secretEnv()));
    out.texts("devices", strings(exec.devices()));
    var mounts = new ArrayList<Json>();
    exec.mounts().forEach(mount -> mounts.add(mount(mount)));
    out.put("mounts", new Json.Arr(mounts));
  }

  private static Json mount(MountSpec mount) {
    var out = new Fields();
    out.text("dest", mount.dest());
    out.text("type", mount.type().toString());
    out.number("input", mount.input());
    out.number("output", mount.output());
    out.text("selector", mount.selector());
    out.flag("readonly", mount.readonly());
    if (mount.options() != null) {
      out.text("options", mount.options().toString());
    }
    return out.json();
  }

  private static Json action(FileAction action) {
    var out = new Fields();
    out.number("input", action.input());
    out.number("secondaryInput", action.secondaryInput());
    out.number("output", action.output());
    switch (action.change()) {
      case FileAction.Copy copy -> copy(out, copy);
      case FileAction.MakeFile file -> {
        out.text("makeFile", file.path());
        out.text("mode", Integer.toOctalString(file.mode()));
        out.text("data", file.data().toUtf8());
      }
      case FileAction.MakeDirectory directory -> {
        out.text("makeDirectory", directory.path());
        out.text("mode", Integer.toOctalString(directory.mode()));
        out.flag("makeParents", directory.makeParents());
        out.text("owner", directory.owner() == null ? "" : directory.owner().toString());
        out.number("timestamp", directory.timestamp());
      }
      default -> throw new IllegalStateException("the frontend makes no " + action.change());
    }
    return out.json();
  }

  private static void copy(Fields out, FileAction.Copy copy) {
    out.text("copy", copy.src());
    out.text("dest", copy.dest());
    out.text("owner", copy.owner() == null ? "" : copy.owner().toString());
    out.text("mode", copy.mode() < 0 ? "keep" : Integer.toOctalString(copy.mode()));
    out.text("modeText", copy.modeText());
    out.flag("followSymlink", copy.followSymlink());
    out.flag("dirCopyContents", copy.dirCopyContents());
    out.flag("attemptUnpack", copy.attemptUnpack());
    out.flag("createDestPath", copy.createDestPath());
    out.flag("allowWildcard", copy.allowWildcard());
    out.flag("allowEmptyWildcard", copy.allowEmptyWildcard());
    out.number("timestamp", copy.timestamp());
    out.texts("includePatterns", copy.includePatterns());
    out.texts("excludePatterns", copy.excludePatterns());
    out.texts("requiredPaths", copy.requiredPaths());
  }

  private static List<String> strings(List<?> values) {
    List<String> texts = new ArrayList<>();
    values.forEach(value -> texts.add(value.toString()));
    return texts;
  }

  private static Json text(String value) {
    return new Json.Text(value);
  }

  /** Members of an object; empty ones are left out. */
  private static final class Fields {
    private final Map<String, Json> members = new LinkedHashMap<>();

    void put(String key, Json value) {
      members.put(key, value);
    }

    void text(String key, @Nullable String value) {
      if (value != null && !value.isEmpty()) {
        put(key, GraphJson.text(value));
      }
    }

    void texts(String key, List<String> values) {
      if (!values.isEmpty()) {
        var items = new ArrayList<Json>();
        values.forEach(value -> items.add(GraphJson.text(value)));
        put(key, new Json.Arr(items));
      }
    }

    void flag(String key, boolean value) {
      if (value) {
        put(key, new Json.Bool(true));
      }
    }

    void number(String key, long value) {
      put(key, new Json.Num(String.valueOf(value)));
    }

    Json json() {
      return new Json.Obj(members);
    }
  }
}
