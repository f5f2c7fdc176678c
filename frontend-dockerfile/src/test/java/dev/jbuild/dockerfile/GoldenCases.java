package dev.jbuild.dockerfile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Cases under {@code testdata/dockerfile}: one folder each, with what goes in and what must come
 * out. {@code -Djbuild.golden.rewrite=true} writes what comes out instead of comparing it.
 */
public final class GoldenCases {
  private static final Path ROOT = Path.of("..", "testdata", "dockerfile");

  private GoldenCases() {}

  /** The case folders of an area, sorted by name. */
  public static List<Path> of(String area) throws IOException {
    try (Stream<Path> folders = Files.list(ROOT.resolve(area))) {
      List<Path> cases = folders.filter(Files::isDirectory).sorted().toList();
      assertTrue(!cases.isEmpty(), "no golden cases in " + area);
      return cases;
    }
  }

  /** The files of an area whose cases are one file each, sorted by name. */
  public static List<Path> files(String area) throws IOException {
    try (Stream<Path> files = Files.list(ROOT.resolve(area))) {
      List<Path> cases = files.filter(Files::isRegularFile).sorted().toList();
      assertTrue(!cases.isEmpty(), "no golden cases in " + area);
      return cases;
    }
  }

  public static String read(Path folder, String name) throws IOException {
    return Files.readString(folder.resolve(name));
  }

  /** {@code key=value} lines of the file {@code attrs}; none when it is missing. */
  public static Map<String, String> attrs(Path folder) throws IOException {
    var attrs = new TreeMap<String, String>();
    Path file = folder.resolve("attrs");
    if (Files.exists(file)) {
      for (String line : Files.readAllLines(file)) {
        int equals = line.indexOf('=');
        attrs.put(line.substring(0, equals), line.substring(equals + 1));
      }
    }
    return attrs;
  }

  /** Compares with the expected file, or rewrites it. */
  public static void check(Path folder, String name, String actual) throws IOException {
    Path file = folder.resolve(name);
    if (Boolean.getBoolean("jbuild.golden.rewrite")) {
      Files.writeString(file, actual);
      return;
    }
    assertTrue(
        Files.exists(file), file + " is missing; write it with -Djbuild.golden.rewrite=true");
    assertEquals(Files.readString(file), actual, file.toString());
  }
}
