package dev.jbuild.process.runtime;

import dev.jbuild.mount.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A small root file system for tests: busybox with links, accounts, {@code /tmp}; overlay mounts of
 * it with fresh upper directories.
 */
public final class BusyboxRoot {
  private static final Path BUSYBOX = Path.of("/bin/busybox");
  private static final List<String> COMMANDS =
      List.of(
          "sh",
          "cat",
          "chroot",
          "dd",
          "echo",
          "env",
          "false",
          "grep",
          "head",
          "hostname",
          "id",
          "ip",
          "kill",
          "ln",
          "ls",
          "mkdir",
          "mknod",
          "mount",
          "pwd",
          "rm",
          "rmdir",
          "seq",
          "setsid",
          "sleep",
          "sort",
          "stat",
          "stty",
          "test",
          "touch",
          "true",
          "tty",
          "unshare",
          "wc",
          "yes",
          "mv");

  private final Path directory;
  private int uppers;

  private BusyboxRoot(Path directory) {
    this.directory = directory;
  }

  /** Whether this machine has what the root is made of. */
  public static boolean available() {
    return Files.isExecutable(BUSYBOX);
  }

  /** Makes the layer below {@code directory}. */
  public static BusyboxRoot create(Path directory) throws IOException {
    var root = new BusyboxRoot(directory);
    var layer = root.layer();
    Files.createDirectories(layer.resolve("bin"));
    Files.createDirectories(layer.resolve("etc"));
    Files.createDirectories(layer.resolve("tmp"));
    Files.createDirectories(layer.resolve("home/ann"));
    Files.copy(BUSYBOX, layer.resolve("bin/busybox"));
    for (String command : COMMANDS) {
      Files.createSymbolicLink(layer.resolve("bin/" + command), Path.of("busybox"));
    }
    Files.writeString(
        layer.resolve("etc/passwd"),
        """
        root:x:0:0:root:/root:/bin/sh
        ann:x:1001:1002:Ann:/home/ann:/bin/sh
        """);
    Files.writeString(
        layer.resolve("etc/group"),
        """
        root:x:0:
        ann:x:1002:
        wheel:x:10:root,ann
        video:x:44:ann
        """);
    return root;
  }

  /** The directory of the only layer. */
  public Path layer() {
    return directory.resolve("layer");
  }

  /** A writable overlay of its own; the directory that takes the changes is its upper one. */
  public synchronized Mount overlay() throws IOException {
    return overlay(List.of(layer()));
  }

  /** A writable overlay of other layers, top first. */
  public synchronized Mount overlay(List<Path> layers) throws IOException {
    int number = uppers++;
    var upper = Files.createDirectories(directory.resolve("upper" + number));
    var work = Files.createDirectories(directory.resolve("work" + number));
    var options = new ArrayList<String>();
    for (Path layer : layers) {
      options.add("lowerdir=" + layer);
    }
    options.add("upperdir=" + upper);
    options.add("workdir=" + work);
    options.addAll(List.of("volatile", "index=off", "redirect_dir=off", "metacopy=off"));
    return new Mount("overlay", "overlay", options);
  }

  /** The upper directory of {@link #overlay}. */
  public static Path upper(Mount overlay) {
    return StepMounts.upper(overlay).orElseThrow();
  }
}
