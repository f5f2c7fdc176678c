package dev.jbuild.source.local;

import dev.jbuild.content.UseWatch;
import dev.jbuild.linux.Kernel;
import dev.jbuild.oci.Bytes;
import dev.jbuild.session.FileSync;
import dev.jbuild.snapshot.Durability;
import dev.jbuild.snapshot.FileTree;
import dev.jbuild.snapshot.TreeDeletion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.regex.Pattern;

/**
 * Copies of the clients' directories, kept from build to build below {@code contexts}: an unchanged
 * file is received once, ever. Each build sees the state that it received, whatever other builds of
 * the same directory receive meanwhile. Thread-safe.
 */
public final class LocalMirrors {
  private static final int NAME_LENGTH = 40;
  private static final Pattern NAME = Pattern.compile("[0-9a-f]{" + NAME_LENGTH + "}");

  /** Begins the names of mirrors that are being removed. */
  private static final String OLD = ".old-";

  private final Path root;
  private final Kernel kernel;
  private final Durability durability;
  private final ExecutorService readers;
  private final InstantSource clock;
  private final UseWatch watch;
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
    this(root, kernel, durability, readers, clock, UseWatch.NOBODY);
  }

  /**
   * @param watch told of the mirrors that are used
   */
  public LocalMirrors(
      Path root,
      Kernel kernel,
      Durability durability,
      ExecutorService readers,
      InstantSource clock,
      UseWatch watch) {
    this.watch = watch;
    this.root = root;
    this.kernel = kernel;
    this.durability = durability;
    this.readers = readers;
    this.clock = clock;
  }

  /** To be called once, before the first use. */
  public void open() throws IOException {
    Files.createDirectories(root);
    try (var entries = Files.newDirectoryStream(root, OLD + "*")) {
      for (Path old : entries) {
        TreeDeletion.delete(old);
      }
    }
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
    watch.used("context:" + directory);
    Mirror mirror = mirror(directory);
    try (FileSync.Walk walk = files.open(name, filter)) {
      return mirror.sync(walk, readers, name);
    }
  }

  private Mirror mirror(String directory) {
    return mirrors.computeIfAbsent(
        directory, id -> new Mirror(root.resolve(id), id, kernel, durability, clock));
  }

  /**
   * A mirror as it lies on disk.
   *
   * @param local name of the local source that it was received as last, or empty
   * @param received when the last change came
   */
  public record Kept(String id, Path directory, String local, Instant received, boolean used) {}

  /** All mirrors, as they are now; no use of them. */
  public List<Kept> all() throws IOException {
    var all = new ArrayList<Kept>();
    try (var entries = Files.newDirectoryStream(root)) {
      for (Path entry : entries) {
        String id = String.valueOf(entry.getFileName());
        if (NAME.matcher(id).matches()) {
          Mirror mirror = mirrors.get(id);
          all.add(
              new Kept(
                  id,
                  entry,
                  Mirror.localName(entry),
                  Files.getLastModifiedTime(entry).toInstant(),
                  mirror != null && mirror.isUsed()));
        }
      }
    }
    return all;
  }

  /** Removes a mirror unless a build uses it. */
  public boolean remove(String id) throws IOException {
    if (!NAME.matcher(id).matches()) {
      return false;
    }
    Path old = root.resolve(OLD + id);
    TreeDeletion.delete(old);
    if (!mirror(id).detach(old)) {
      return false;
    }
    durability.drop(id);
    TreeDeletion.delete(old);
    return true;
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
