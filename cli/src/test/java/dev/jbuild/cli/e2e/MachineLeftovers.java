package dev.jbuild.cli.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What builds of tests have left on this machine. Other jbuilds may work beside: what is known to
 * be theirs is not told, and what can not be known is asked for again by {@link #settled}.
 *
 * @param base a part of the path of each state directory that is looked for; besides, any temporary
 *     directory of JUnit's that is gone
 */
record MachineLeftovers(String base) {
  private static final Pattern JUNIT = Pattern.compile("(/[^ :,=]*/junit-?[0-9]+)/");
  private static final Pattern BRIDGE = Pattern.compile("jb[0-9a-f]{8}");
  private static final Pattern TABLE = Pattern.compile("table inet jbuild_([0-9a-f]{8})");
  private static final String ALIAS = "jbuild, steps of ";

  /** What is there now; empty when all is clean. */
  List<String> now() throws IOException, InterruptedException {
    var left = new ArrayList<String>();
    mounts(left);
    processes(left);
    interfaces(left);
    tables(left);
    controlGroups(left);
    return left;
  }

  /** What stays there: waits a while for it to go. */
  List<String> settled(Deadline patience) throws IOException, InterruptedException {
    var last = new TreeSet<String>(now());
    patience.until(
        () -> {
          last.retainAll(now());
          return last.isEmpty();
        });
    return List.copyOf(last);
  }

  private boolean names(String text) {
    return text.contains(base)
        || JUNIT.matcher(text).results().anyMatch(found -> !Files.exists(Path.of(found.group(1))));
  }

  private void mounts(List<String> left) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo"))) {
      if (names(line)) {
        left.add("mount " + line.split(" ", 6)[4]);
      }
    }
  }

  /** By command line, and by what is mounted in the namespace they live in. */
  private void processes(List<String> left) throws IOException {
    String own = Long.toString(ProcessHandle.current().pid());
    Path ownMounts = link(own, "mnt");
    try (var entries = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path entry : entries) {
        String pid = entry.getFileName().toString();
        String command = text(entry.resolve("cmdline")).replace('\0', ' ').strip();
        if (pid.equals(own) || command.contains("surefire")) {
          continue; // this JVM and the Maven that waits for it
        }
        if (names(command)) {
          left.add("process " + pid + ": " + command);
        } else if (!ownMounts.equals(link(pid, "mnt")) && names(text(entry.resolve("mountinfo")))) {
          left.add("namespace of process " + pid + ": " + command);
        }
      }
    }
  }

  private static Path link(String pid, String namespace) {
    try {
      return Files.readSymbolicLink(Path.of("/proc", pid, "ns", namespace));
    } catch (IOException gone) {
      return Path.of("");
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException gone) {
      return "";
    }
  }

  /** A bridge tells whose it is; it is nobody's when that directory is gone. */
  private boolean ours(String bridge) {
    String alias = text(Path.of("/sys/class/net", bridge, "ifalias")).strip();
    String root = alias.startsWith(ALIAS) ? alias.substring(ALIAS.length()) : "";
    return names(root + "/") || root.isEmpty() || !Files.isDirectory(Path.of(root));
  }

  private void interfaces(List<String> left) throws IOException {
    try (var links = Files.newDirectoryStream(Path.of("/sys/class/net"), "jb*")) {
      for (Path link : links) {
        Matcher bridge = BRIDGE.matcher(link.getFileName().toString());
        if (bridge.lookingAt() && ours(bridge.group())) {
          left.add("interface " + link.getFileName());
        }
      }
    }
  }

  private void tables(List<String> left) throws IOException, InterruptedException {
    for (String line : Commands.exec("nft", "list", "tables").lines().toList()) {
      Matcher table = TABLE.matcher(line);
      if (table.lookingAt() && ours("jb" + table.group(1))) {
        left.add("nft " + line.strip());
      }
    }
  }

  /** A group of somebody else's step has a process in it. */
  private void controlGroups(List<String> left) throws IOException {
    var parents = new ArrayList<Path>(List.of(Path.of("/sys/fs/cgroup/jbuild")));
    try (var hierarchies = Files.newDirectoryStream(Path.of("/sys/fs/cgroup"))) {
      hierarchies.forEach(hierarchy -> parents.add(hierarchy.resolve("jbuild")));
    }
    for (Path parent : parents) {
      if (Files.isDirectory(parent)) {
        Files.walkFileTree(parent, new EmptyGroups(parent, left));
      }
    }
  }

  private static final class EmptyGroups extends SimpleFileVisitor<Path> {
    private final Path parent;
    private final List<String> left;

    EmptyGroups(Path parent, List<String> left) {
      this.parent = parent;
      this.left = left;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path group, BasicFileAttributes attributes) {
      if (parent.equals(group.getParent()) && text(group.resolve("cgroup.procs")).isBlank()) {
        left.add("control group " + group);
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException gone) {
      return FileVisitResult.CONTINUE;
    }
  }
}
