package dev.jbuild.dockerfile.convert;

import dev.jbuild.dockerfile.instruction.Dockerfile;
import dev.jbuild.dockerfile.instruction.Instruction;
import dev.jbuild.dockerfile.instruction.Word;
import dev.jbuild.dockerfile.shell.Variables;
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

  private GlobalScope() {}

  /**
   * @param build the worker's platform
   * @param stage name of the target as given, or {@code default}
   */
  static GlobalScope of(
      Dockerfile dockerfile,
      Map<String, String> buildArgs,
      Platform build,
      Platform target,
      String stage,
      Words words) {
    var scope = new GlobalScope();
    scope.addPlatform("BUILD", build);
    scope.addPlatform("TARGET", target);
    scope.values.put("TARGETSTAGE", stage);
    scope.values.replaceAll((name, value) -> buildArgs.getOrDefault(name, value));
    for (Instruction.Arg arg : dockerfile.globalArgs()) {
      for (Instruction.Arg.Declaration declaration : arg.declarations()) {
        scope.declare(declaration, buildArgs, words);
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
      Instruction.Arg.Declaration declaration, Map<String, String> buildArgs, Words words) {
    String name = declaration.name().text();
    Word fallback = declaration.value();
    String given = buildArgs.get(name);
    if (given != null) {
      values.put(name, given);
    } else if (fallback != null) {
      values.put(name, words.expand(fallback, this));
    }
  }

  @Override
  public @Nullable String value(String name) {
    return values.get(name);
  }

  Set<String> names() {
    return values.keySet();
  }
}
