package dev.jbuild.source.git;

import dev.jbuild.oci.Bytes;
import dev.jbuild.snapshot.TreeDeletion;
import dev.jbuild.source.MadeLayers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Bare repositories below {@code git} in the state directory, one for each URL: what was fetched
 * once is not fetched again. Safe for use by several threads.
 *
 * @param threads reads what git says; tasks block
 */
public record GitRepositories(
    Path root,
    MadeLayers layers,
    Executor threads,
    ConcurrentHashMap<String, ReentrantLock> locks,
    AtomicLong works) {
  private static final int NAME_DIGITS = 40;
  private static final String WORK = ".work";

  public GitRepositories(Path root, MadeLayers layers, Executor threads) {
    this(root, layers, threads, new ConcurrentHashMap<>(), new AtomicLong());
  }

  /** To be called once, before the first use: removes what a killed process left half done. */
  public void open() throws IOException {
    if (!Files.isDirectory(root)) {
      return;
    }
    try (var entries = Files.newDirectoryStream(root)) {
      for (Path entry : entries) {
        if (String.valueOf(entry.getFileName()).startsWith(WORK)) {
          TreeDeletion.delete(entry);
        } else {
          removeLocks(entry);
        }
      }
    }
  }

  private static void removeLocks(Path repository) throws IOException {
    try (var locked = Files.newDirectoryStream(repository, "*.lock")) {
      for (Path lock : locked) {
        Files.delete(lock);
      }
    }
  }

  /** Where the repository of a URL is, or will be. */
  Path bare(String url) {
    return root.resolve(name(url));
  }

  private static String name(String url) {
    return Bytes.utf8(url).digest().hex().substring(0, NAME_DIGITS);
  }

  /** Held while the repository of a URL is read or written. */
  ReentrantLock lock(String url) {
    return locks.computeIfAbsent(name(url), key -> new ReentrantLock());
  }

  /** The directories of all repositories. */
  public List<Path> all() throws IOException {
    var all = new ArrayList<Path>();
    if (Files.isDirectory(root)) {
      try (var entries = Files.newDirectoryStream(root)) {
        for (Path entry : entries) {
          if (!String.valueOf(entry.getFileName()).startsWith(WORK)) {
            all.add(entry);
          }
        }
      }
    }
    return all;
  }

  /** Whether somebody reads or writes a repository now. */
  public boolean isUsed(String name) {
    ReentrantLock lock = locks.get(name);
    return lock != null && lock.isLocked();
  }

  /** Removes a repository unless somebody reads or writes it. */
  public boolean remove(String name) throws IOException {
    ReentrantLock lock = locks.computeIfAbsent(name, key -> new ReentrantLock());
    if (!lock.tryLock()) {
      return false;
    }
    Path old = root.resolve(WORK + works.incrementAndGet());
    try {
      Files.move(root.resolve(name), old, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      lock.unlock();
    }
    TreeDeletion.delete(old);
    return true;
  }

  /** A new directory to work in, on the file system of the layers. The caller deletes it. */
  Path work() throws IOException {
    return Files.createDirectories(root.resolve(WORK + works.incrementAndGet()));
  }
}
