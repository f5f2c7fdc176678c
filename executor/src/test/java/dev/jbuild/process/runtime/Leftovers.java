package dev.jbuild.process.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What steps of a run directory have left on this machine. */
public final class Leftovers {
  private Leftovers() {}

  /** Control files, mounts, control groups and processes; empty when all is clean. */
  public static List<String> of(Path runDirectory) throws IOException {
    var left = new ArrayList<String>();
    if (Files.isDirectory(runDirectory)) {
      try (var files = Files.newDirectoryStream(runDirectory, "[0-9a-z]*")) {
        files.forEach(path -> left.add("file " + path));
      }
    }
    for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo"))) {
      if (line.contains(runDirectory + "/") && !line.contains("/.runtime/")) {
        left.add("mount " + line);
      }
    }
    var groups = Path.of("/sys/fs/cgroup");
    if (Files.isDirectory(groups)) {
      groups(groups, OciProcessRunner.tag(runDirectory), left);
      try (var hierarchies = Files.newDirectoryStream(groups, Files::isDirectory)) {
        for (Path hierarchy : hierarchies) {
          groups(hierarchy, OciProcessRunner.tag(runDirectory), left);
        }
      }
    }
    ProcessHandle.allProcesses()
        .filter(handle -> handle.info().commandLine().orElse("").contains("=" + runDirectory + "/"))
        .forEach(handle -> left.add("process " + handle.info().commandLine().orElse("")));
    return left;
  }

  private static void groups(Path hierarchy, String tag, List<String> left) throws IOException {
    var parent = hierarchy.resolve(CgroupHost.PARENT);
    if (Files.isDirectory(parent)) {
      try (var ours = Files.newDirectoryStream(parent, tag + "-*")) {
        ours.forEach(path -> left.add("group " + path));
      }
    }
  }
}
