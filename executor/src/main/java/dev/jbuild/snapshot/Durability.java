package dev.jbuild.snapshot;

import dev.jbuild.linux.Kernel;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Executor;

/**
 * Lets work be committed without waiting for the disk, and still never trusts what a loss of power
 * may have cut short. Each named thing has a mark from before it becomes visible until the file
 * system was synced; the mark tells in which run of the kernel it was made. A mark of another run
 * means: the content may be incomplete. A killed process does not matter, the kernel keeps what was
 * written. Thread-safe. See docs/decisions, "what is synced when".
 */
public final class Durability {
  private static final System.Logger LOG = System.getLogger(Durability.class.getName());

  private final Path marks;
  private final String boot;
  private final Kernel kernel;
  private final Executor background;
  private final Set<String> writing = new HashSet<>();
  private final Set<String> waiting = new HashSet<>();
  private boolean syncing;

  /**
   * @param marks directory of the marks, on the file system of what they stand for
   * @param boot identifies this run of the kernel: no dot in it
   * @param background runs a task that blocks for as long as the disk needs
   */
  public Durability(Path marks, String boot, Kernel kernel, Executor background) {
    this.marks = marks;
    this.boot = boot;
    this.kernel = kernel;
    this.background = background;
  }

  /** This run of the kernel. Source: proc_sys_kernel(5), random/boot_id. */
  public static String currentBoot() throws IOException {
    return Files.readString(Path.of("/proc/sys/kernel/random/boot_id"), StandardCharsets.US_ASCII)
        .strip();
  }

  /**
   * Names that may be incomplete. The caller removes the things, then calls {@link #drop}. Those of
   * this run that wait for a sync are queued again.
   */
  public Set<String> open() throws IOException {
    Files.createDirectories(marks);
    var lost = new HashSet<String>();
    for (String mark : Listing.names(marks)) {
      int dot = mark.indexOf('.');
      String name = mark.substring(dot + 1);
      if (mark.substring(0, Math.max(dot, 0)).equals(boot)) {
        settle(name);
      } else {
        lost.add(name);
      }
    }
    return lost;
  }

  /** Removes the marks of a thing that is gone. */
  public void drop(String name) throws IOException {
    for (String mark : Listing.names(marks)) {
      if (mark.endsWith("." + name)) {
        Files.deleteIfExists(marks.resolve(mark));
      }
    }
  }

  /** To be called before the thing becomes visible under its name, or is changed. */
  public void begin(String name) throws IOException {
    synchronized (waiting) {
      writing.add(name);
      waiting.remove(name);
      Path mark = mark(name);
      if (!Files.exists(mark)) {
        Files.createFile(mark);
      }
    }
  }

  /** The thing is complete: it shall be synced when there is time. Does not wait. */
  public void settle(String name) {
    synchronized (waiting) {
      writing.remove(name);
      waiting.add(name);
      if (syncing) {
        return;
      }
      syncing = true;
    }
    background.execute(this::syncAll);
  }

  /** Syncs what still waits, in the caller's thread: to be called before the process ends. */
  public void finish() {
    syncAll();
  }

  private void syncAll() {
    for (Set<String> batch = take(); !batch.isEmpty(); batch = take()) {
      try {
        kernel.syncFileSystem(marks);
        unmark(batch);
      } catch (IOException e) {
        LOG.log(Level.WARNING, "sync of " + marks + ": its contents stay marked", e);
      }
    }
  }

  /** What is being written again keeps its mark. */
  private void unmark(Set<String> synced) throws IOException {
    synchronized (waiting) {
      for (String name : synced) {
        if (!writing.contains(name) && !waiting.contains(name)) {
          Files.deleteIfExists(mark(name));
        }
      }
    }
  }

  private Set<String> take() {
    synchronized (waiting) {
      var batch = Set.copyOf(waiting);
      waiting.clear();
      syncing = !batch.isEmpty();
      return batch;
    }
  }

  private Path mark(String name) {
    return marks.resolve(boot + "." + name);
  }
}
