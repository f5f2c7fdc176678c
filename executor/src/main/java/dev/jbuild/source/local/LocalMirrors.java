package dev.jbuild.source.local;

import dev.jbuild.linux.Kernel;
import dev.jbuild.oci.Bytes;
import dev.jbuild.session.FileSync;
import dev.jbuild.snapshot.Durability;
import dev.jbuild.snapshot.FileTree;
import dev.jbuild.snapshot.TreeDeletion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;

/**
 * Copies of the clients' directories, kept from build to build below {@code contexts}: an unchanged
 * file is received once, ever. Each build sees the state that it received, whatever other builds of
 * the same directory receive meanwhile. Thread-safe.
 */
public final class LocalMirrors {
  private static final int NAME_LENGTH = 40;

  private final Path root;
  private final Kernel kernel;
  private final Durability durability;
  private final ExecutorService readers;
  private final InstantSource clock;
  private final ConcurrentHashMap<String, Mirror> mirrors = new ConcurrentHashMap<>();

  /**
   * @param root {@code contexts} in the state directory
   * @param durability of the mirrors, with its marks below {@code root}
   * @param readers receives files, several at once; tasks block
   */
  public LocalMirrors(
      Path root,
      Kernel kernel,
      Durability durability,
      ExecutorService readers,
      InstantSource clock) {
    this.root = root;
    this.kernel = kernel;
    this.durability = durability;
    this.readers = readers;
    this.clock = clock;
  }

  /** To be called once, before the first use. */
  public void open() throws IOException {
    Files.createDirectories(root);
    for (String lost : durability.open()) {
      TreeDeletion.delete(root.resolve(lost));
      durability.drop(lost);
    }
  }

  /**
   * Brings the mirror up to date.
   *
   * @param key says which mirror: the same for what is likely the same directory
   * @param name the local source's name
   * @return what was received; the caller closes it when nothing reads it any more
   */
  public Lease sync(String key, FileSync files, String name, FileSync.Filter filter)
      throws IOException, InterruptedException {
    String directory = Bytes.utf8(key).digest().hex().substring(0, NAME_LENGTH);
    Mirror mirror =
        mirrors.computeIfAbsent(
            directory, id -> new Mirror(root.resolve(id), id, kernel, durability, clock));
    try (FileSync.Walk walk = files.open(name, filter)) {
      return mirror.sync(walk, readers);
    }
  }

  /** A received directory, unchanged until it is closed. */
  public interface Lease extends AutoCloseable {
    FileTree tree();

    /** How many files were received anew. */
    int filesReceived();

    /** How many bytes were received anew. */
    long bytesReceived();

    @Override
    void close() throws IOException;
  }
}
