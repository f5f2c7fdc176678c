package dev.jbuild.cli.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * A line on a path: {@code /a/b file 644 0:0 "text\n" at 0}. The README of the cases has the
 * grammar.
 *
 * @param words what is said after the path; texts in quotes without them
 */
record ExpectedFile(String path, List<String> words) {
  private static final Pattern WORD = Pattern.compile("\"(?:[^\"\\\\]|\\\\.)*\"|\\S+");
  private static final int SHOWN = 400;

  static ExpectedFile parse(String line) {
    List<String> words = words(line);
    return new ExpectedFile(words.getFirst(), words.subList(1, words.size()));
  }

  static List<String> words(String line) {
    return WORD.matcher(line)
        .results()
        .map(MatchResult::group)
        .map(ExpectedFile::unquoted)
        .toList();
  }

  private static String unquoted(String word) {
    return word.startsWith("\"") ? LayoutImage.JSON.readTree(word).asString() : word;
  }

  boolean gone() {
    return words.equals(List.of("gone"));
  }

  /** Says what is otherwise than this line, each difference with the path. */
  void check(TreeMap<String, LayerTree.Node> nodes, Path context, List<String> wrong)
      throws IOException {
    LayerTree.Node node = nodes.get(path);
    if (gone()) {
      if (node != null) {
        wrong.add(path + " is there");
      }
      return;
    }
    if (node == null) {
      wrong.add(path + " is missing");
      return;
    }
    Iterator<String> rest = words.iterator();
    String type = rest.next();
    boolean tree = type.equals("tree");
    compare("type", tree ? "dir" : type, node.type(), wrong);
    if (tree) {
      String found = Integer.toString(nodes.subMap(path + "/", path + "0").size());
      String below = rest.next();
      compare("paths below", below.equals("any") ? found : below, found, wrong);
      return;
    }
    String owner = "0:0";
    if (type.equals("link")) {
      compare("target", rest.next(), node.link(), wrong);
      if (words.size() > 2 && words.get(2).contains(":")) {
        owner = rest.next();
      }
    } else {
      compare("mode", rest.next(), Integer.toOctalString(node.mode()), wrong);
      owner = rest.next();
    }
    compare("owner", owner, node.uid() + ":" + node.gid(), wrong);
    var attributes = new TreeSet<String>();
    while (rest.hasNext()) {
      more(rest.next(), rest, node, nodes, context, attributes, wrong);
    }
    compare("attributes", attributes.toString(), found(node).toString(), wrong);
  }

  private static TreeSet<String> found(LayerTree.Node node) {
    var found = new TreeSet<String>();
    node.attributes().forEach((k, v) -> found.add(k + "=" + HexFormat.of().formatHex(v)));
    return found;
  }

  private void more(
      String word,
      Iterator<String> rest,
      LayerTree.Node node,
      TreeMap<String, LayerTree.Node> nodes,
      Path context,
      TreeSet<String> attributes,
      List<String> wrong)
      throws IOException {
    switch (word) {
      case "at" -> compare("time", rest.next(), Long.toString(node.mtimeSeconds()), wrong);
      case "size" -> compare("size", rest.next(), Integer.toString(node.content().length), wrong);
      case "sha256" ->
          compare("digest", "sha256:" + rest.next(), LayoutImage.digest(node.content()), wrong);
      case "same" -> {
        Path file = context.resolve(rest.next());
        if (!Arrays.equals(Files.readAllBytes(file), node.content())) {
          wrong.add(path + " is not what " + file + " is, it is " + shown(node));
        }
      }
      case "hard" -> {
        String other = rest.next();
        LayerTree.Node same = nodes.get(other);
        if (same == null || same.inode() != node.inode()) {
          wrong.add(path + " and " + other + " are two files");
        }
      }
      case "xattr" -> attributes.add(rest.next().toLowerCase(Locale.ROOT));
      case "any" -> {}
      default -> compare("content", word, shown(node), wrong);
    }
  }

  private static String shown(LayerTree.Node node) {
    return new String(node.content(), StandardCharsets.UTF_8);
  }

  private void compare(String what, String wanted, String found, List<String> wrong) {
    if (!wanted.equals(found)) {
      wrong.add(
          path
              + ": "
              + what
              + " wanted "
              + LayoutImage.JSON.writeValueAsString(wanted)
              + ", found "
              + LayoutImage.JSON.writeValueAsString(
                  found.length() > SHOWN ? found.substring(0, SHOWN) : found));
    }
  }
}
