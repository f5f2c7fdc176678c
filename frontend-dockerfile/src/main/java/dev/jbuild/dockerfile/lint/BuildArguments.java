package dev.jbuild.dockerfile.lint;

import dev.jbuild.dockerfile.instruction.Dockerfile;
import dev.jbuild.dockerfile.instruction.Instruction;
import dev.jbuild.dockerfile.instruction.Suggestion;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/** Build arguments that no ARG of the file takes: most often misspelled. */
public final class BuildArguments {
  private static final int MAX_SHOWN = 10;

  /** What counts without a declaration. */
  private static final Set<String> KNOWN =
      Set.of(
          "HTTP_PROXY",
          "HTTPS_PROXY",
          "FTP_PROXY",
          "NO_PROXY",
          "ALL_PROXY",
          "SOURCE_DATE_EPOCH",
          "TARGETSTAGE");

  private static final Set<String> PLATFORM_PARTS =
      Set.of("PLATFORM", "OS", "OSVERSION", "ARCH", "VARIANT");

  private BuildArguments() {}

  /**
   * One sentence about those that are not declared; empty where all are.
   *
   * @param given names of the build arguments
   */
  public static String undeclared(Dockerfile dockerfile, Collection<String> given) {
    var declared = new TreeSet<String>();
    dockerfile.globalArgs().forEach(arg -> declare(arg, declared));
    for (Dockerfile.Section stage : dockerfile.stages()) {
      stage.body().forEach(instruction -> declare(instruction, declared));
    }
    var unknown = new ArrayList<String>();
    for (String name : new TreeSet<>(given)) {
      if (!declared.contains(name) && !isKnown(name)) {
        unknown.add(name);
      }
    }
    if (unknown.size() == 1) {
      String name = unknown.getFirst();
      return "build argument '"
          + name
          + "' is not used: no ARG declares it"
          + Suggestion.of(name, declared);
    }
    int shown = Math.min(MAX_SHOWN, unknown.size());
    String more = unknown.size() > shown ? " and " + (unknown.size() - shown) + " more" : "";
    return unknown.isEmpty()
        ? ""
        : "build arguments '"
            + String.join("', '", unknown.subList(0, shown))
            + "'"
            + more
            + " are not used: no ARG declares them";
  }

  private static void declare(Instruction instruction, Set<String> names) {
    if (instruction instanceof Instruction.Onbuild onbuild) {
      declare(onbuild.trigger(), names);
    } else if (instruction instanceof Instruction.Arg arg) {
      arg.declarations().forEach(declaration -> names.add(declaration.name().text()));
    }
  }

  private static boolean isKnown(String name) {
    String upper = name.toUpperCase(Locale.ROOT);
    boolean platform =
        (name.startsWith("BUILD") && PLATFORM_PARTS.contains(name.substring(5)))
            || (name.startsWith("TARGET") && PLATFORM_PARTS.contains(name.substring(6)));
    return platform || KNOWN.contains(upper) || name.startsWith("BUILDKIT_");
  }
}
