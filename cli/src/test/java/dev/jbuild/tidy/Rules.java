package dev.jbuild.tidy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The checks. {@code docs/dependencies.txt} has a line a package: its name, a colon, and what it
 * may use: project packages without {@code dev.jbuild.}, and libraries by the names of {@link
 * #LIBRARIES}.
 */
final class Rules {
  static final int MAX_FILE_LINES = 400;
  static final int MAX_METHOD_LINES = 70;

  /** Prefix of a qualified name, and what the rule file calls it. */
  private static final Map<String, String> LIBRARIES =
      Map.ofEntries(
          Map.entry("com.github.luben.", "zstd"),
          Map.entry("com.google.protobuf.", "protobuf"),
          Map.entry("com.google.re2j.", "re2j"),
          Map.entry("com.google.rpc.", "generated"),
          Map.entry("containerd.", "generated"),
          Map.entry("dev.jbuild.v1.", "generated"),
          Map.entry("io.grpc.", "grpc"),
          Map.entry("io.netty.", "netty"),
          Map.entry("jnr.", "jnr"),
          Map.entry("fsutil.types.", "generated"),
          Map.entry("moby.", "generated"),
          Map.entry("org.apache.commons.compress.", "compress"),
          Map.entry("org.h2.mvstore.", "mvstore"),
          Map.entry("org.tukaani.", "xz"),
          Map.entry("org.xbill.", "dnsjava"),
          Map.entry("pb.", "generated"),
          Map.entry("picocli.", "picocli"),
          Map.entry("tools.jackson.", "jackson"));

  private static final Pattern BANNED_TYPE =
      Pattern.compile(".*(Util|Utils|Helper|Helpers|Manager|Impl)");
  private static final Pattern BANNED_TEXT =
      Pattern.compile("\\b(System\\.out|System\\.err|System\\.exit|Thread\\.sleep|TODO|FIXME)\\b");

  private Rules() {}

  static Map<String, Set<String>> readAllowed(List<String> lines) {
    var allowed = new TreeMap<String, Set<String>>();
    for (String line : lines) {
      String rule = line.strip();
      if (rule.isEmpty() || rule.startsWith("#")) {
        continue;
      }
      int colon = rule.indexOf(':');
      var uses = new TreeSet<String>();
      for (String use : rule.substring(colon + 1).split(",", -1)) {
        if (!use.isBlank()) {
          uses.add(use.strip());
        }
      }
      allowed.put(rule.substring(0, colon).strip(), uses);
    }
    return allowed;
  }

  /** The packages and libraries that each package uses. */
  static Map<String, Set<String>> used(List<SourceFile> files) {
    var packages = new TreeSet<String>();
    for (SourceFile file : files) {
      packages.add(file.packageName());
    }
    var used = new TreeMap<String, Set<String>>();
    for (SourceFile file : files) {
      Set<String> uses = used.computeIfAbsent(shortName(file.packageName()), k -> new TreeSet<>());
      for (String name : file.names()) {
        String target = target(name, packages);
        if (!target.isEmpty() && !target.equals(shortName(file.packageName()))) {
          uses.add(target);
        }
      }
    }
    return used;
  }

  static List<String> dependencies(
      Map<String, Set<String>> allowed, Map<String, Set<String>> used) {
    var problems = new ArrayList<String>();
    used.forEach(
        (name, uses) -> {
          Set<String> may = allowed.get(name);
          if (may == null) {
            problems.add("package " + name + " has no line in docs/dependencies.txt");
            return;
          }
          for (String use : uses) {
            if (!may.contains(use)) {
              problems.add(name + " uses " + use + ", which docs/dependencies.txt does not allow");
            }
          }
          for (String use : may) {
            if (!uses.contains(use)) {
              problems.add(name + " may use " + use + " but does not: take it off the list");
            }
          }
        });
    for (String name : allowed.keySet()) {
      if (!used.containsKey(name)) {
        problems.add("docs/dependencies.txt lists " + name + ", which does not exist");
      }
    }
    return problems;
  }

  /** Cycles between packages, each named by one package on it. */
  static List<String> cycles(Map<String, Set<String>> used) {
    var problems = new ArrayList<String>();
    var state = new HashMap<String, Integer>();
    for (String name : used.keySet()) {
      walk(name, used, state, new ArrayList<>(), problems);
    }
    return problems;
  }

  private static void walk(
      String name,
      Map<String, Set<String>> used,
      Map<String, Integer> state,
      List<String> trail,
      List<String> problems) {
    Integer seen = state.get(name);
    if (seen != null) {
      if (seen == 1) {
        problems.add("cycle: " + String.join(" -> ", trail) + " -> " + name);
      }
      return;
    }
    state.put(name, 1);
    trail.add(name);
    for (String use : used.getOrDefault(name, Set.of())) {
      walk(use, used, state, trail, problems);
    }
    trail.removeLast();
    state.put(name, 2);
  }

  static List<String> shape(SourceFile file) {
    var problems = new ArrayList<String>();
    if (file.lines() > MAX_FILE_LINES) {
      problems.add(file.path() + ": " + file.lines() + " lines, over " + MAX_FILE_LINES);
    }
    file.methods()
        .forEach(
            (name, length) -> {
              if (length > MAX_METHOD_LINES) {
                problems.add(file.path() + ": " + name + " has " + length + " lines, over 70");
              }
            });
    for (String wildcard : file.wildcards()) {
      problems.add(file.path() + ": wildcard import " + wildcard);
    }
    for (String type : file.types()) {
      if (BANNED_TYPE.matcher(type).matches()) {
        problems.add(file.path() + ": banned name " + type);
      }
    }
    var banned = BANNED_TEXT.matcher(file.text());
    while (banned.find()) {
      if (!mayTouchTheProcess(file.path(), banned.group())) {
        problems.add(file.path() + ": " + banned.group() + " has no place here");
      }
    }
    return problems;
  }

  /** The two mains are where standard streams and the exit code belong. */
  private static boolean mayTouchTheProcess(String path, String what) {
    return what.startsWith("System.")
        && (path.endsWith("/cli/Jbuild.java") || path.endsWith("/daemon/Jbuildd.java"));
  }

  private static String target(String name, Set<String> packages) {
    for (Map.Entry<String, String> library : LIBRARIES.entrySet()) {
      if (name.startsWith(library.getKey())) {
        return library.getValue();
      }
    }
    if (!name.startsWith("dev.jbuild.")) {
      return "";
    }
    String candidate = name;
    while (!candidate.isEmpty()) {
      if (packages.contains(candidate)) {
        return shortName(candidate);
      }
      candidate = candidate.substring(0, Math.max(0, candidate.lastIndexOf('.')));
    }
    return "";
  }

  private static String shortName(String packageName) {
    return packageName.replaceFirst("^dev\\.jbuild\\.", "");
  }
}
