package dev.jbuild.cli.e2e;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What an image has to be, compared with an image whole: what is in one of the two only, or
 * otherwise, is a difference.
 *
 * @param base name of the image whose layers and history it begins with; empty for scratch
 * @param config lines of a member's name and its JSON
 * @param history what made the image above its base; {@code +} made a layer, {@code -} none
 */
record ExpectedImage(
    String platform,
    String base,
    Map<String, String> config,
    List<String> history,
    List<ExpectedFile> files) {

  /** All differences, as a text of lines; empty if there is none. */
  String differences(LayoutImage image, Map<String, BaseImage> bases, Path context)
      throws IOException {
    BaseImage under = base.isEmpty() ? BaseImage.SCRATCH : bases.get(base);
    if (under == null) {
      return "the base image '" + base + "' is not there";
    }
    var wrong = new ArrayList<String>();
    compare("platform", platform, image.platform(), wrong);
    compareConfig(image.config(), wrong);
    compareHistory(image.config(), under, wrong);
    int layers = under.layers().size();
    for (int i = 0; i < layers; i++) {
      if (i >= image.layers().size()
          || !Arrays.equals(image.layers().get(i), under.layers().get(i))) {
        wrong.add("layer " + i + " is not that of the base");
        return String.join("\n", wrong);
      }
    }
    long made = history.stream().filter(line -> line.startsWith("+")).count();
    compare("layers", Long.toString(made), Long.toString(image.layers().size() - layers), wrong);
    LayerTree tree = image.tree(layers, under.tree(), wrong);
    compareFiles(new TreeMap<>(tree.nodes()), under.tree().nodes(), context, wrong);
    return String.join("\n", wrong);
  }

  private static void compare(String what, String wanted, String found, List<String> wrong) {
    if (!wanted.equals(found)) {
      wrong.add(
          what + ": wanted " + wanted + "\n" + " ".repeat(what.length()) + "   found " + found);
    }
  }

  private void compareConfig(JsonNode document, List<String> wrong) {
    var found = new TreeMap<String, JsonNode>();
    document.path("config").forEachEntry(found::put);
    for (String key : List.of("author", "created")) {
      if (document.has(key) && (config.containsKey(key) || !key.equals("created"))) {
        found.put(key, document.path(key));
      }
    }
    var wanted = new TreeMap<String, JsonNode>();
    config.forEach((key, json) -> wanted.put(key, LayoutImage.JSON.readTree(json)));
    var keys = new TreeSet<String>(wanted.keySet());
    keys.addAll(found.keySet());
    for (String key : keys) {
      if (!Objects.equals(wanted.get(key), found.get(key))) {
        compare(
            "config " + key,
            String.valueOf(wanted.get(key)),
            String.valueOf(found.get(key)),
            wrong);
      }
    }
  }

  private void compareHistory(JsonNode document, BaseImage under, List<String> wrong) {
    var found = new ArrayList<String>();
    int older = under.history().size();
    JsonNode all = document.path("history");
    for (int i = 0; i < all.size(); i++) {
      JsonNode one = all.get(i);
      if (i < older) {
        compare("history", under.history().get(i).toString(), one.toString(), wrong);
        continue;
      }
      found.add(
          (one.path("empty_layer").asBoolean(false) ? "- " : "+ ")
              + one.path("created_by").asString("").replace("\\", "\\\\").replace("\n", "\\n"));
      compare("comment", "buildkit.dockerfile.v0", one.path("comment").asString(""), wrong);
      if (!one.has("created")) {
        wrong.add("history " + i + " has no time");
      }
    }
    compare(
        "history",
        String.join("\n                ", history),
        String.join("\n                ", found),
        wrong);
  }

  private void compareFiles(
      TreeMap<String, LayerTree.Node> nodes,
      Map<String, LayerTree.Node> below,
      Path context,
      List<String> wrong)
      throws IOException {
    Set<String> listed = new HashSet<>();
    Set<String> parents = new HashSet<>();
    for (ExpectedFile file : files) {
      file.check(nodes, context, wrong);
      if (!listed.add(file.path())) {
        wrong.add(file.path() + " is listed twice");
      }
      for (int at = file.path().lastIndexOf('/'); at > 0 && !file.gone(); ) {
        parents.add(file.path().substring(0, at));
        at = file.path().lastIndexOf('/', at - 1);
      }
    }
    List<String> trees =
        files.stream()
            .filter(file -> file.words().getFirst().equals("tree"))
            .map(file -> file.path() + "/")
            .toList();
    nodes.forEach(
        (path, node) -> {
          boolean plain = node.type().equals("dir") && node.mode() == 0755 && node.uid() == 0;
          boolean implied = plain && node.gid() == 0 && parents.contains(path);
          if (!listed.contains(path)
              && !implied
              && !same(node, below.get(path))
              && trees.stream().noneMatch(path::startsWith)) {
            wrong.add(path + " is not listed, it is " + described(node));
          }
        });
    for (String path : below.keySet()) {
      boolean said =
          listed.stream().anyMatch(one -> path.equals(one) || path.startsWith(one + "/"));
      if (!nodes.containsKey(path) && !said) {
        wrong.add(path + " of the base is gone");
      }
    }
  }

  private static boolean same(LayerTree.Node node, LayerTree.@Nullable Node other) {
    return other != null
        && described(node).equals(described(other))
        && Arrays.equals(node.content(), other.content());
  }

  private static String described(LayerTree.Node node) {
    return node.type()
        + (node.type().equals("link")
            ? " " + node.link()
            : " " + Integer.toOctalString(node.mode()))
        + " "
        + node.uid()
        + ":"
        + node.gid()
        + (node.attributes().isEmpty() ? "" : " " + node.attributes().keySet())
        + (node.type().equals("file") ? " size " + node.content().length : "");
  }
}
