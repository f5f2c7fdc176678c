package dev.jbuild.dockerfile;

import dev.jbuild.dockerfile.parse.SyntaxTree;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.util.Map;
import java.util.Set;

/**
 * Decides who builds the file: this frontend serves all {@code docker/dockerfile} images; others
 * would have to run as images themselves.
 */
final class SyntaxDirective {
  private static final String BUILD_ARG = "build-arg:BUILDKIT_SYNTAX";
  private static final Set<String> SERVED =
      Set.of("dockerfile.v0", "docker/dockerfile", "docker/dockerfile-upstream");

  private SyntaxDirective() {}

  static void check(SyntaxTree tree, Map<String, String> attrs) {
    if (attrs.containsKey("cmdline")) {
      return; // the choice was made before
    }
    String argument = attrs.getOrDefault(BUILD_ARG, "");
    if (!argument.isEmpty()) {
      if (!isServed(argument)) {
        throw new BuildException(
            Code.UNIMPLEMENTED, "build argument 'BUILDKIT_SYNTAX': " + notOffered(argument));
      }
      return;
    }
    for (SyntaxTree.Directive directive : tree.directives()) {
      if (directive.name().equals("syntax") && !isServed(directive.value())) {
        throw tree.file().notOffered(directive.range(), notOffered(directive.value()));
      }
    }
  }

  private static String notOffered(String frontend) {
    return "frontends from images are not offered yet, only docker/dockerfile: '" + frontend + "'";
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
