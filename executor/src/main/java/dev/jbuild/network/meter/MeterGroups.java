package dev.jbuild.network.meter;

import dev.jbuild.linux.BpfKernel;
import dev.jbuild.linux.Descriptor;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Our control group and the steps' groups below it. Where version 2 is all there is, they are in
 * its mount, so that runtimes can put a step there themselves; else version 2 is mounted where
 * nobody sees it. Safe for use by several threads. Source: the kernel's cgroup-v2.rst.
 */
final class MeterGroups implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(MeterGroups.class.getName());
  private static final Path MOUNT = Path.of("/sys/fs/cgroup");
  private static final Path OWN = Path.of("/proc/self/cgroup");
  private static final String OWN_PREFIX = "0::";
  private static final String CONTROLLERS = "cgroup.controllers";
  private static final String TYPE = "cgroup.type";
  private static final String THREADED = "threaded";
  private static final int MAX_LEFT = 1024;

  private final @Nullable Descriptor mount;
  private final Path parent;
  private final boolean threaded;
  private final AtomicLong next = new AtomicLong();
  private final Object lock = new Object();
  private final Deque<Path> left = new ArrayDeque<>(); // guarded by lock

  private MeterGroups(@Nullable Descriptor mount, Path parent, boolean threaded) {
    this.mount = mount;
    this.parent = parent;
    this.threaded = threaded;
  }

  /**
   * Makes our group, or takes over the one that a killed process left.
   *
   * @param name of our group
   */
  static MeterGroups open(BpfKernel kernel, String name) throws IOException {
    if (Files.exists(MOUNT.resolve(CONTROLLERS)) && Files.isWritable(MOUNT)) {
      return new MeterGroups(null, make(MOUNT.resolve(name)), false);
    }
    var mount = kernel.mountGroups();
    try {
      var base = base(mount.path());
      var parent = make(base.resolve(name));
      return new MeterGroups(mount, parent, !Files.exists(base.resolve(TYPE)) && thread(parent));
    } catch (IOException e) {
      mount.close();
      throw e;
    }
  }

  /** This process's own group, whose rules for sockets then hold for steps too. */
  private static Path base(Path top) throws IOException {
    for (String line : Files.readAllLines(OWN, StandardCharsets.UTF_8)) {
      if (line.startsWith(OWN_PREFIX + "/") && !line.startsWith(OWN_PREFIX + "/..")) {
        var own = top.resolve(line.substring(OWN_PREFIX.length() + 1));
        return Files.isDirectory(own) ? own : top;
      }
    }
    return top;
  }

  private static Path make(Path parent) throws IOException {
    try {
      Files.createDirectory(parent);
    } catch (FileAlreadyExistsException taken) {
      removeChildren(parent);
    }
    return parent;
  }

  private static void removeChildren(Path group) throws IOException {
    try (var children = Files.newDirectoryStream(group, Files::isDirectory)) {
      for (Path child : children) {
        remove(child);
      }
    }
  }

  /**
   * Whether threads can move into the group one by one. That needs no lock of the whole machine,
   * whose first use after a pause takes up to 20 ms; below the root it changes nothing else.
   */
  private static boolean thread(Path group) {
    try {
      Files.writeString(group.resolve(TYPE), THREADED);
      return true;
    } catch (IOException refused) {
      return false;
    }
  }

  /** Directory of our group. */
  Path parent() {
    return parent;
  }

  /** Makes a step's group. */
  Path makeStep() throws IOException {
    var group = Files.createDirectory(parent.resolve("s" + next.incrementAndGet()));
    if (threaded) {
      Files.writeString(group.resolve(TYPE), THREADED);
    }
    return group;
  }

  /** What programs know a group by: the number of its inode. */
  static long id(Path group) throws IOException {
    return (Long) Files.getAttribute(group, "unix:ino");
  }

  /** Removes a step's group, now or, where a process is still about to end, with a later one. */
  void removeStep(Path group) {
    synchronized (lock) {
      for (int i = left.size(); i > 0; i--) {
        var old = left.removeFirst();
        if (!remove(old)) {
          left.addLast(old);
        }
      }
      if (!remove(group) && left.size() < MAX_LEFT) {
        left.addLast(group);
      }
    }
  }

  /** Removes a group and what a step made below it; false where somebody is still in it. */
  private static boolean remove(Path group) {
    try {
      Files.deleteIfExists(group);
      return true;
    } catch (IOException busy) {
      try {
        removeChildren(group);
        Files.deleteIfExists(group);
        return true;
      } catch (NoSuchFileException gone) {
        return true;
      } catch (IOException refused) {
        LOG.log(Level.DEBUG, "{0} stays for now: {1}", group, refused.getMessage());
        return false;
      }
    }
  }

  @Override
  public void close() throws IOException {
    synchronized (lock) {
      left.forEach(MeterGroups::remove);
      left.clear();
    }
    try {
      remove(parent);
    } finally {
      if (mount != null) {
        mount.close();
      }
    }
  }
}
