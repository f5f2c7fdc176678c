package dev.jbuild.dockerfile.fuzz;

import dev.jbuild.dockerfile.GoldenCases;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** What is fuzzed, and what the fuzzer begins with: the golden cases. */
enum Target {
  PARSE(ParseTarget.class),
  WORDS(WordsTarget.class),
  IGNORE(IgnoreTarget.class),
  CONVERT(ConvertTarget.class),
  REQUEST(RequestTarget.class);

  private static final List<String> PATHS =
      List.of("a", "a/b", "a/b/c.txt", "src/main/App.java", ".git/config", "é/ü", "x.log");

  private final Class<?> type;

  Target(Class<?> type) {
    this.type = type;
  }

  /** As in {@code tools/fuzz words}. */
  String shortName() {
    return name().toLowerCase(Locale.ROOT);
  }

  Class<?> type() {
    return type;
  }

  /** How many inputs the tests try beside the golden cases: a few seconds' worth. */
  int inputs() {
    return switch (this) {
      case WORDS -> 10_000;
      case PARSE, IGNORE -> 3_000;
      case CONVERT -> 400;
      case REQUEST -> 200;
    };
  }

  /** Fails where an invariant does not hold. */
  void check(String input) {
    byte[] bytes = input.getBytes(StandardCharsets.UTF_8);
    switch (this) {
      case PARSE -> ParseTarget.fuzzerTestOneInput(bytes);
      case WORDS -> WordsTarget.fuzzerTestOneInput(bytes);
      case IGNORE -> IgnoreTarget.fuzzerTestOneInput(bytes);
      case CONVERT -> ConvertTarget.fuzzerTestOneInput(bytes);
      case REQUEST -> RequestTarget.fuzzerTestOneInput(bytes);
    }
  }

  /** Where the fuzzer begins. */
  List<String> seeds() throws IOException {
    return switch (this) {
      case PARSE, CONVERT -> dockerfiles();
      case WORDS -> words();
      case IGNORE -> ignoreFiles();
      case REQUEST -> requests();
    };
  }

  private static List<String> dockerfiles() throws IOException {
    var texts = new ArrayList<String>();
    for (Path folder : folders()) {
      texts.add(GoldenCases.read(folder, "Dockerfile"));
    }
    return texts;
  }

  private static List<String> requests() throws IOException {
    var texts = new ArrayList<String>();
    for (Path folder : folders()) {
      var text = new StringBuilder();
      for (Map.Entry<String, String> option : GoldenCases.attrs(folder).entrySet()) {
        text.append(option.getKey()).append('=').append(option.getValue()).append('\n');
      }
      if (!text.isEmpty()) {
        texts.add(text.append('\n').append(GoldenCases.read(folder, "Dockerfile")).toString());
      }
    }
    return texts;
  }

  private static List<Path> folders() throws IOException {
    var folders = new ArrayList<Path>();
    for (String area : List.of("llb", "parse", "errors", "checks", "requests")) {
      folders.addAll(GoldenCases.of(area));
    }
    return folders;
  }

  private static List<String> words() throws IOException {
    var texts = new ArrayList<String>();
    for (Path file : GoldenCases.files("words")) {
      // The word comes last here, so that it may have line ends.
      var settings = new StringBuilder();
      String word = "";
      for (String line : Files.readAllLines(file)) {
        if (line.startsWith("set ") || line.startsWith("escape ")) {
          settings.append(line).append('\n');
        } else if (line.startsWith("word ")) {
          word = line;
        }
      }
      texts.add(settings + word);
    }
    return texts;
  }

  private static List<String> ignoreFiles() throws IOException {
    var files = new ArrayList<>(List.of("**/*.log\n!keep.log\n", "a/**\n!a/b\n", "[a-c]?*\n/x/\n"));
    for (Path folder : folders()) {
      for (String name : List.of(".dockerignore", "Dockerfile.dockerignore")) {
        if (Files.exists(folder.resolve(name))) {
          files.add(GoldenCases.read(folder, name));
        }
      }
    }
    return files.stream().flatMap(file -> PATHS.stream().map(path -> path + "\n" + file)).toList();
  }

  /** The target of this short name. */
  static Stream<Target> named(String name) {
    return Stream.of(values()).filter(t -> name.isEmpty() || t.shortName().equals(name));
  }
}
