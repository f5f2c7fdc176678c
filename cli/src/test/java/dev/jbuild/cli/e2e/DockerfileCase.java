package dev.jbuild.cli.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * A case's file {@code expect}: how to build, and what comes out. The README of the cases has its
 * form.
 *
 * @param flags of {@code jbuild build}, with {@code {name}} for what the test knows
 * @param context what is built when it is not the case's directory, otherwise empty
 * @param repeated whether a second build, of nothing cached, gives the same digest
 */
record DockerfileCase(
    String name,
    List<String> flags,
    Map<String, String> env,
    boolean repeated,
    String context,
    List<ExpectedImage> images) {

  /**
   * @param expand replaces {@code {name}} in the whole file
   */
  static DockerfileCase read(Path directory, UnaryOperator<String> expand) throws IOException {
    var reader = new Reader();
    String text = expand.apply(Files.readString(directory.resolve("expect")));
    for (String line : text.lines().toList()) {
      if (!line.isBlank() && !line.startsWith("#")) {
        reader.line(line);
      }
    }
    reader.endImage();
    return new DockerfileCase(
        String.valueOf(directory.getFileName()),
        reader.flags,
        reader.env,
        reader.repeated,
        reader.context,
        reader.images);
  }

  private static final class Reader {
    final List<String> flags = new ArrayList<>();
    final Map<String, String> env = new LinkedHashMap<>();
    final List<ExpectedImage> images = new ArrayList<>();
    boolean repeated;
    String context = "";
    private String section = "";
    private String platform = "linux/amd64";
    private String base = "";
    private Map<String, String> config = new LinkedHashMap<>();
    private List<String> history = new ArrayList<>();
    private List<ExpectedFile> files = new ArrayList<>();

    void line(String line) {
      if (!line.startsWith(" ")) {
        String word = line.split(" ", 2)[0];
        head(word, line.substring(word.length()).strip());
        return;
      }
      String text = line.strip();
      switch (section) {
        case "config" -> {
          int blank = text.indexOf(' ');
          config.put(text.substring(0, blank), text.substring(blank + 1));
        }
        case "history" -> history.add(text);
        case "files" -> files.add(ExpectedFile.parse(text));
        default -> throw new IllegalArgumentException("no section before: " + line);
      }
    }

    private void head(String word, String rest) {
      switch (word) {
        case "build" -> flags.addAll(ExpectedFile.words(rest));
        case "context" -> context = rest;
        case "env" ->
            env.put(rest.substring(0, rest.indexOf('=')), rest.substring(rest.indexOf('=') + 1));
        case "repeat" -> repeated = true;
        case "image" -> {
          endImage();
          platform = rest;
        }
        case "from" -> base = rest.equals("scratch") ? "" : rest;
        case "config", "history", "files" -> section = word;
        default -> throw new IllegalArgumentException("unknown line: " + word + " " + rest);
      }
    }

    void endImage() {
      if (config.isEmpty() && history.isEmpty()) {
        return;
      }
      images.add(
          new ExpectedImage(
              platform, base, Map.copyOf(config), List.copyOf(history), List.copyOf(files)));
      config = new LinkedHashMap<>();
      history = new ArrayList<>();
      files = new ArrayList<>();
    }
  }
}
