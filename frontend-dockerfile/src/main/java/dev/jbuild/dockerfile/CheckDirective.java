package dev.jbuild.dockerfile;

import dev.jbuild.dockerfile.lint.CheckPolicy;
import dev.jbuild.dockerfile.parse.Mistakes;
import dev.jbuild.dockerfile.parse.SyntaxTree;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.util.Map;

/** Which checks the file and the client want; the client's word counts alone where it is given. */
final class CheckDirective {
  private static final String NAME = "check";
  private static final String BUILD_ARG = "build-arg:BUILDKIT_DOCKERFILE_CHECK";

  private CheckDirective() {}

  static CheckPolicy policy(SyntaxTree tree, Map<String, String> attrs, Mistakes mistakes) {
    String argument = attrs.get(BUILD_ARG);
    if (argument != null) {
      try {
        return CheckPolicy.parse(argument);
      } catch (IllegalArgumentException e) {
        throw new BuildException(
            Code.INVALID, "build argument 'BUILDKIT_DOCKERFILE_CHECK': " + e.getMessage());
      }
    }
    for (SyntaxTree.Directive directive : tree.directives()) {
      if (directive.name().equals(NAME)) {
        try {
          return CheckPolicy.parse(directive.value());
        } catch (IllegalArgumentException e) {
          mistakes.add(
              tree.file().error(directive.range(), "parser directive 'check': " + e.getMessage()));
        }
      }
    }
    return CheckPolicy.USUAL;
  }
}
