package dev.jbuild.dockerfile;

import dev.jbuild.dockerfile.parse.SourceFile;
import dev.jbuild.dockerfile.parse.SyntaxTree;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.llb.SourceRange;
import dev.jbuild.oci.json.Json;
import dev.jbuild.oci.json.JsonText;
import dev.jbuild.oci.json.OciFormatException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides who builds the file: this frontend serves all {@code docker/dockerfile} images; others
 * run as images themselves.
 */
final class SyntaxDirective {
  private static final String NAME = "syntax";
  private static final String BUILD_ARG = "build-arg:BUILDKIT_SYNTAX";
  private static final Set<String> SERVED =
      Set.of("dockerfile.v0", "docker/dockerfile", "docker/dockerfile-upstream");

  private SyntaxDirective() {}

  /**
   * Who is to build the file.
   *
   * @param commandLine the image, and what else stands behind it
   * @param range in the file; null for the build argument
   */
  record Foreign(String commandLine, @Nullable SourceRange range) {

    String image() {
      return commandLine.split("\\s", 2)[0];
    }

    BuildException notOffered(SourceFile file) {
      String why =
          "frontends from images are not offered here, only docker/dockerfile: '"
              + commandLine
              + "'";
      return range == null
          ? new BuildException(Code.UNIMPLEMENTED, "build argument 'BUILDKIT_SYNTAX': " + why)
          : file.notOffered(range, why);
    }
  }

  /** Another frontend that the request or the file names; null where this one builds. */
  static @Nullable Foreign foreign(SyntaxTree tree, Map<String, String> attrs) {
    Foreign named = named(tree, attrs);
    return named == null || named.commandLine().isEmpty() || isServed(named.commandLine())
        ? null
        : named;
  }

  private static @Nullable Foreign named(SyntaxTree tree, Map<String, String> attrs) {
    if (attrs.containsKey("cmdline")) {
      return null; // the choice was made before
    }
    String argument = attrs.getOrDefault(BUILD_ARG, "");
    if (!argument.isEmpty()) {
      return new Foreign(argument, null);
    }
    for (SyntaxTree.Directive directive : tree.directives()) {
      if (directive.name().equals(NAME)) {
        return new Foreign(directive.value(), directive.range());
      }
    }
    return ofAnotherLanguage(tree.file());
  }

  /**
   * Files of other languages name their frontend in their own form of comment, or in JSON. Source:
   * BuildKit, "Custom Dockerfile syntax".
   */
  private static @Nullable Foreign ofAnotherLanguage(SourceFile file) {
    String[] lines = file.text().split("\n", -1);
    int first = lines[0].startsWith("#!") ? 1 : 0;
    for (int i = first; i < lines.length && lines[i].strip().startsWith("//"); i++) {
      String comment = lines[i].strip().substring(2);
      int equals = comment.indexOf('=');
      if (equals > 0 && comment.substring(0, equals).strip().equalsIgnoreCase(NAME)) {
        return at(i, lines[i], comment.substring(equals + 1).strip());
      }
    }
    if (first < lines.length && lines[first].strip().startsWith("{")) {
      String rest = String.join("\n", List.of(lines).subList(first, lines.length));
      try {
        if (JsonText.parse(rest) instanceof Json.Obj object
            && object.members().get(NAME) instanceof Json.Text value) {
          return at(first, lines[first], value.value());
        }
      } catch (OciFormatException noJson) {
        // then it is a Dockerfile with a mistake, which is said elsewhere
      }
    }
    return null;
  }

  private static Foreign at(int index, String line, String frontend) {
    int length = line.stripTrailing().length();
    return new Foreign(frontend, new SourceRange(index + 1, 0, index + 1, length));
  }

  static boolean isServed(String value) {
    String name = value.split("\\s", 2)[0];
    int end = name.indexOf('@');
    name = end < 0 ? name : name.substring(0, end);
    int colon = name.lastIndexOf(':');
    name = colon > name.lastIndexOf('/') ? name.substring(0, colon) : name;
    for (String registry : new String[] {"docker.io/", "index.docker.io/"}) {
      name = name.startsWith(registry) ? name.substring(registry.length()) : name;
    }
    return SERVED.contains(name);
  }
}
