package dev.jbuild.dockerfile.convert;

import dev.jbuild.dockerfile.instruction.Dockerfile;
import dev.jbuild.dockerfile.instruction.Instruction;
import dev.jbuild.dockerfile.instruction.Word;
import dev.jbuild.dockerfile.shell.Variables;
import dev.jbuild.llb.SourceRange;
import dev.jbuild.oci.Platform;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The variables that FROM sees: those of the platforms, and the ARGs before the first FROM. A stage
 * sees them only where it declares them. Source: Dockerfile reference, "Understand how ARG and FROM
 * interact", "Automatic platform ARGs in the global scope".
 */
final class GlobalScope implements Variables {
  private final Map<String, String> values = new LinkedHashMap<>();
  private final Map<String, Instruction.Arg> declarations = new LinkedHashMap<>();

  private GlobalScope() {}

  /** How the default of an ARG is expanded. */
  @FunctionalInterface
  interface Expander {
    String expand(Word word, Variables variables);
  }

  /**
   * What a build has without the file.
   *
   * @param build the worker's platform
   * @param stage name of the target as given, or {@code default}
   */
  record Given(Platform build, Platform target, String stage) {}

  static GlobalScope of(
      Dockerfile dockerfile, Map<String, String> buildArgs, Given given, Expander expander) {
    var scope = new GlobalScope();
    scope.addPlatform("BUILD", given.build);
    scope.addPlatform("TARGET", given.target);
    scope.values.put("TARGETSTAGE", given.stage);
    scope.values.replaceAll((name, value) -> buildArgs.getOrDefault(name, value));
    for (Instruction.Arg arg : dockerfile.globalArgs()) {
      for (Instruction.Arg.Declaration declaration : arg.declarations()) {
        scope.declarations.put(declaration.name().text(), arg);
        scope.declare(declaration, buildArgs, expander);
      }
    }
    return scope;
  }

  private void addPlatform(String prefix, Platform platform) {
    values.put(prefix + "PLATFORM", platform.toString());
    values.put(prefix + "OS", platform.os());
    values.put(prefix + "OSVERSION", platform.osVersion());
    values.put(prefix + "ARCH", platform.architecture());
    values.put(prefix + "VARIANT", platform.variant());
  }

  private void declare(
      Instruction.Arg.Declaration declaration, Map<String, String> buildArgs, Expander expander) {
    String name = declaration.name().text();
    Word fallback = declaration.value();
    String given = buildArgs.get(name);
    if (given != null) {
      values.put(name, given);
    } else if (fallback != null) {
      values.put(name, expander.expand(fallback, this));
    }
  }

  /** Takes a value that is known only now; null takes the name away. */
  void replace(String name, @Nullable String value) {
    if (value == null) {
      values.remove(name);
    } else {
      values.put(name, value);
    }
  }

  /** The place of this name's default in the file; null where it has none there. */
  @Nullable SourceRange defaultRange(String name) {
    Instruction.Arg arg = declarations.get(name);
    if (arg == null) {
      return null;
    }
    for (Instruction.Arg.Declaration declaration : arg.declarations().reversed()) {
      Word value = declaration.value();
      if (declaration.name().text().equals(name) && value != null) {
        return value.range();
      }
    }
    return null;
  }

  @Override
  public @Nullable String value(String name) {
    return values.get(name);
  }

  /** Where the file declares this name before the first FROM, or null. */
  Instruction.@Nullable Arg declaration(String name) {
    return declarations.get(name);
  }

  @Override
  public Set<String> names() {
    return values.keySet();
  }
}
