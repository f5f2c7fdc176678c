package dev.jbuild.process.runtime;

import dev.jbuild.linux.Errno;
import dev.jbuild.linux.ErrnoException;
import dev.jbuild.linux.Kernel;
import dev.jbuild.mount.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Mounts that this process makes for one step, and takes away again. */
final class StepMounts {
  private static final System.Logger LOG = System.getLogger(StepMounts.class.getName());

  private static final long MS_RDONLY = 1;
  private static final long MS_NOSUID = 2;
  private static final long MS_NODEV = 4;
  private static final long MS_REMOUNT = 32;
  private static final long MS_BIND = 4096;
  private static final long MS_REC = 16_384;
  private static final int UMOUNT_NOFOLLOW = 8;
  private static final int BUSY_TRIES = 40;
  private static final long BUSY_PAUSE_NANOS = 5_000_000;

  private final Kernel kernel;
  private final Deque<Path> made = new ArrayDeque<>();

  StepMounts(Kernel kernel) {
    this.kernel = kernel;
  }

  /** Mounts on a directory that is made for it. */
  void mountOn(Mount mount, Path target) throws IOException {
    Files.createDirectories(target);
    switch (mount.type()) {
      case "overlay" -> mountOverlay(mount, target);
      case "bind" -> bind(mount.source(), target, mount.options().contains("ro"));
      case "tmpfs" -> mountMemory(mount, target);
      default ->
          throw new IllegalArgumentException("mount type '" + mount.type() + "' cannot be a root");
    }
  }

  private void mountOverlay(Mount mount, Path target) throws IOException {
    var layers = new ArrayList<Path>();
    var options = new ArrayList<String>();
    boolean readonly = false;
    for (String option : mount.options()) {
      if (option.startsWith("lowerdir=")) {
        layers.add(Path.of(option.substring("lowerdir=".length())));
      } else if (option.equals("ro")) {
        readonly = true;
      } else if (!option.equals("rw")
          && !option.startsWith("upperdir=")
          && !option.startsWith("workdir=")) {
        options.add(option);
      }
    }
    var upper = upper(mount);
    if (upper.isEmpty() && layers.size() == 1) {
      bind(layers.getFirst().toString(), target, true); // overlayfs wants two
      return;
    }
    kernel.mountOverlay(layers, upper.orElse(null), work(mount), options, target);
    made.push(target);
    if (readonly) {
      remount(target, MS_RDONLY);
    }
  }

  /** The directory that takes an overlay's changes. */
  static Optional<Path> upper(Mount mount) {
    return Optional.ofNullable(option(mount, "upperdir="));
  }

  private static @Nullable Path work(Mount mount) {
    return option(mount, "workdir=");
  }

  private static @Nullable Path option(Mount mount, String prefix) {
    for (String option : mount.options()) {
      if (mount.type().equals("overlay") && option.startsWith(prefix)) {
        return Path.of(option.substring(prefix.length()));
      }
    }
    return null;
  }

  private void bind(String source, Path target, boolean readonly) throws IOException {
    kernel.mount(source, target, "", MS_BIND | MS_REC, "");
    made.push(target);
    if (readonly) {
      remount(target, MS_RDONLY);
    }
  }

  /**
   * Shows a part of a tree at {@code target}. The part is opened as if the tree were {@code /}: a
   * step that writes to the same tree at the same time cannot lead it out.
   */
  void bindInside(Path tree, String selector, Path target) throws IOException {
    try (var part = kernel.openInRoot(tree, selector)) {
      if (Files.isDirectory(part.path())) {
        Files.createDirectory(target);
      } else {
        Files.createFile(target);
      }
      bind(part.path().toString(), target, false);
    }
  }

  /** A file seen through a read-only mount. */
  void bindReadonly(Path source, Path target) throws IOException {
    bind(source.toString(), target, true);
  }

  private void mountMemory(Mount mount, Path target) throws IOException {
    long flags = 0;
    var data = new ArrayList<String>();
    for (String option : mount.options()) {
      switch (option) {
        case "nosuid" -> flags |= MS_NOSUID;
        case "nodev" -> flags |= MS_NODEV;
        default -> data.add(option);
      }
    }
    kernel.mount("tmpfs", target, "tmpfs", flags, String.join(",", data));
    made.push(target);
  }

  /** Mounts memory on a directory that is made for it; only root gets in. */
  void memory(Path target, long sizeBytes) throws IOException {
    Files.createDirectory(target);
    String options = "mode=0700,size=" + sizeBytes;
    try {
      kernel.mount("tmpfs", target, "tmpfs", MS_NOSUID | MS_NODEV, options + ",noswap");
    } catch (ErrnoException refused) {
      if (refused.errno() != Errno.EINVAL) {
        throw refused;
      }
      // Before Linux 6.4 nothing keeps it from being swapped out.
      kernel.mount("tmpfs", target, "tmpfs", MS_NOSUID | MS_NODEV, options);
    }
    made.push(target);
  }

  /** Device nodes on it can no longer be opened. */
  void forbidDevices(Path target, boolean readonly) throws IOException {
    remount(target, readonly ? MS_NODEV | MS_RDONLY : MS_NODEV);
  }

  private void remount(Path target, long flags) throws IOException {
    kernel.mount("", target, "", MS_REMOUNT | MS_BIND | flags, "");
  }

  /** Takes all away, the last one first; throws the first failure after having tried each. */
  void unmountAll() throws IOException {
    IOException first = null;
    while (!made.isEmpty()) {
      var target = made.pop();
      try {
        unmount(target);
      } catch (IOException failure) {
        if (first == null) {
          first = failure;
        } else {
          first.addSuppressed(failure);
        }
      }
    }
    if (first != null) {
      throw first;
    }
  }

  private void unmount(Path target) throws IOException {
    boolean done = tryUnmount(target);
    for (int tries = 0; !done && tries < BUSY_TRIES; tries++) {
      // A killed process lets go of its files a moment after its parent has heard of its end.
      LockSupport.parkNanos(BUSY_PAUSE_NANOS);
      done = tryUnmount(target);
    }
    if (!done) {
      LOG.log(
          System.Logger.Level.WARNING,
          "{0} is busy: something outside of the step uses it; detached, freed when it lets go",
          target);
      kernel.unmount(target, UMOUNT_NOFOLLOW | Kernel.MNT_DETACH);
    }
  }

  private boolean tryUnmount(Path target) throws IOException {
    try {
      kernel.unmount(target, UMOUNT_NOFOLLOW);
      return true;
    } catch (ErrnoException busy) {
      if (busy.errno() == Errno.EBUSY) {
        return false;
      }
      throw busy;
    }
  }

  /** Whether the source of a mount shows a directory. */
  static boolean isDirectory(Mount mount) {
    return !mount.type().equals("bind") || Files.isDirectory(Path.of(mount.source()));
  }

  /** Options of a mount that this process has made already and the runtime shows in the sandbox. */
  static List<String> bindOptions(Mount mount) {
    var options = new ArrayList<>(List.of("rbind"));
    for (String option : mount.options()) {
      if (!option.contains("=") && !option.equals("bind") && !option.equals("rbind")) {
        if (List.of("ro", "rw", "nosuid", "nodev", "noexec").contains(option)) {
          options.add(option);
        }
      }
    }
    return options;
  }
}
