package dev.jbuild.tidy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class TidyTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final List<String> MODULES =
      List.of("proto", "frontend-dockerfile", "solver", "executor", "daemon", "cli");

  @Test
  void packagesUseOnlyWhatTheRuleFileListsAndAllOfIt() throws IOException {
    var allowed = Rules.readAllowed(Files.readAllLines(ROOT.resolve("docs/dependencies.txt")));
    assertEquals("", lines(Rules.dependencies(allowed, Rules.used(mainSources()))));
  }

  @Test
  void packagesFormNoCycle() throws IOException {
    assertEquals("", lines(Rules.cycles(Rules.used(mainSources()))));
  }

  @Test
  void filesMethodsAndNamesKeepTheStyle() throws IOException {
    var problems = new ArrayList<String>();
    for (SourceFile file : mainSources()) {
      problems.addAll(Rules.shape(file));
    }
    assertEquals("", lines(problems));
  }

  @Test
  void everyPackageSaysWhatItIsFor() throws IOException {
    var without = new TreeSet<String>();
    var with = new TreeSet<String>();
    for (SourceFile file : mainSources()) {
      boolean info = file.path().endsWith("package-info.java");
      (info && file.text().contains("@NullMarked") && file.text().contains("/**") ? with : without)
          .add(file.packageName());
    }
    without.removeAll(with);
    assertEquals(Set.of(), without);
  }

  @Test
  void aForbiddenImportIsFound() throws IOException {
    var from =
        SourceFile.parse("a/A.java", "package dev.jbuild.a; import dev.jbuild.b.B; class A {}");
    var to = SourceFile.parse("b/B.java", "package dev.jbuild.b; class B {}");
    assertEquals(
        List.of(
            "a uses b, which docs/dependencies.txt does not allow",
            "b may use c but does not: take it off the list"),
        Rules.dependencies(Map.of("a", Set.of(), "b", Set.of("c")), Rules.used(List.of(from, to))));
  }

  @Test
  void aQualifiedNameCountsAsAnImport() throws IOException {
    var from =
        SourceFile.parse(
            "a/A.java", "package dev.jbuild.a; class A { dev.jbuild.b.B b; io.grpc.X x; }");
    var to = SourceFile.parse("b/B.java", "package dev.jbuild.b; class B {}");
    assertEquals(Set.of("b", "grpc"), Rules.used(List.of(from, to)).get("a"));
  }

  @Test
  void aCycleIsFound() {
    assertEquals(
        List.of("cycle: a -> b -> a"),
        Rules.cycles(new TreeMap<>(Map.of("a", Set.of("b"), "b", Set.of("a")))));
  }

  @Test
  void longFilesLongMethodsAndBannedNamesAreFound() throws IOException {
    String body = "\n".repeat(401);
    var file =
        SourceFile.parse(
            "a/FileUtil.java",
            "package dev.jbuild.a; import java.util.*; class FileUtil { void m() {"
                + body
                + "} void n() { System.out.println(); } }");
    assertEquals(5, Rules.shape(file).size());
    assertTrue(Rules.shape(file).get(1).startsWith("a/FileUtil.java: FileUtil.m has 402 lines"));
  }

  private static String lines(List<String> problems) {
    return String.join("\n", problems);
  }

  private static List<SourceFile> mainSources() throws IOException {
    var files = new ArrayList<SourceFile>();
    for (String module : MODULES) {
      Path sources = ROOT.resolve(module).resolve("src/main/java");
      if (!Files.isDirectory(sources)) {
        continue;
      }
      try (var walk = Files.walk(sources)) {
        for (Path file : walk.filter(p -> p.toString().endsWith(".java")).sorted().toList()) {
          files.add(SourceFile.read(ROOT, file));
        }
      }
    }
    return files;
  }
}
