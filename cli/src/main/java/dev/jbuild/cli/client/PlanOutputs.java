package dev.jbuild.cli.client;

import dev.jbuild.cli.build.OutputSpec;
import dev.jbuild.daemon.session.store.IncomingLayout;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.ImageRef;
import dev.jbuild.oci.json.DescriptorJson;
import dev.jbuild.session.OutputSink;
import dev.jbuild.session.direct.ReplacedDirectory;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The outputs of a plan on this machine. A file is written under another name and appears when the
 * whole build has succeeded; otherwise nothing of it stays. Its lock guards the lists of files and
 * of layouts.
 */
final class PlanOutputs implements OutputSink, AutoCloseable {
  private final List<OutputSpec> outputs;
  private final Path directory;
  private final OutputStream stdout;
  private final ReentrantLock lock = new ReentrantLock();
  private final List<Pending> pending = new ArrayList<>();
  private final Map<Integer, IncomingLayout> layouts = new TreeMap<>();

  PlanOutputs(List<OutputSpec> outputs, Path directory, OutputStream stdout) {
    this.outputs = List.copyOf(outputs);
    this.directory = directory;
    this.stdout = stdout;
  }

  private record Pending(Path early, Path name) {}

  @Override
  public OutputStream openFile(int exporter) throws IOException {
    String destination = destination(exporter);
    if (destination.equals(OutputSpec.STDOUT)) {
      return unclosed(stdout);
    }
    Path name = directory.resolve(destination);
    if (Files.exists(name) && !Files.isRegularFile(name)) {
      if (Files.isDirectory(name)) {
        throw new BuildException(
            Code.INVALID, "--output: '" + destination + "' is a directory; give a file");
      }
      return Files.newOutputStream(name, StandardOpenOption.WRITE);
    }
    Path parent = name.toAbsolutePath().getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    Path early = name.resolveSibling("." + name.getFileName() + "." + Ids.next());
    lock.lock();
    try {
      pending.add(new Pending(early, name));
    } finally {
      lock.unlock();
    }
    return Files.newOutputStream(early, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  @Override
  public Path directory(int exporter) throws IOException {
    return Files.createDirectories(directory.resolve(destination(exporter)));
  }

  @Override
  public Tree openTree(int exporter) throws IOException {
    String destination = destination(exporter);
    if (outputs.get(exporter).deletes()) {
      throw new BuildException(
          Code.UNIMPLEMENTED,
          "--output: the daemon does not know mode=delete: '" + destination + "' stays as it is");
    }
    return OutputSink.super.openTree(exporter);
  }

  /** Only where the user asked for it: a daemon that wants files deleted is not enough. */
  @Override
  public Tree openWhole(int exporter) throws IOException {
    String destination = destination(exporter);
    if (!outputs.get(exporter).deletes()) {
      throw new BuildException(
          Code.INVALID,
          "--output: the daemon wants to delete files of '" + destination + "', unasked");
    }
    return ReplacedDirectory.open(directory.resolve(destination), List.of(directory));
  }

  /**
   * The layout that an output is, for a daemon that sends its blobs.
   *
   * @param exporter index of the output, or -1 for the only one that is a layout
   */
  IncomingLayout incoming(int exporter) throws IOException {
    int index = exporter;
    if (index < 0) {
      for (int i = 0; i < outputs.size(); i++) {
        if (outputs.get(i).layout()) {
          if (index >= 0) {
            throw new BuildException(
                Code.INVALID, "several outputs are layouts; the daemon has to say which it means");
          }
          index = i;
        }
      }
    }
    if (index < 0 || index >= outputs.size() || !outputs.get(index).layout()) {
      throw new BuildException(Code.NOT_FOUND, "output " + exporter + " is no layout");
    }
    Path place = directory(index);
    lock.lock();
    try {
      return layouts.computeIfAbsent(index, ignored -> new IncomingLayout(place));
    } finally {
      lock.unlock();
    }
  }

  private String destination(int exporter) {
    @Nullable String destination =
        exporter < 0 || exporter >= outputs.size() ? null : outputs.get(exporter).destination();
    if (destination == null) {
      throw new BuildException(Code.INVALID, "the client expects nothing of output " + exporter);
    }
    return destination;
  }

  private static OutputStream unclosed(OutputStream out) {
    return new FilterOutputStream(out) {
      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        out.write(bytes, offset, length);
      }

      @Override
      public void close() throws IOException {
        flush();
      }
    };
  }

  /**
   * Names the images in the layouts whose blobs have come, and lets the files appear.
   *
   * @param response of the build: tells the image
   */
  void commit(Map<String, String> response) {
    lock.lock();
    try {
      if (!layouts.isEmpty()) {
        byte[] json =
            Base64.getDecoder().decode(response.getOrDefault("containerimage.descriptor", ""));
        Descriptor root = DescriptorJson.read(Bytes.copyOf(json));
        String given = response.getOrDefault("image.name", "");
        List<ImageRef> names =
            given.isEmpty()
                ? List.of()
                : Stream.of(given.split(",", -1)).map(ImageRef::parse).toList();
        for (IncomingLayout layout : layouts.values()) {
          layout.name(root, names);
        }
      }
    } catch (IOException | IllegalArgumentException e) {
      throw new BuildException(
          Code.FAILED, "--output: the layout's index.json can not be written: " + e, e);
    } finally {
      lock.unlock();
    }
    commit();
  }

  /** Lets the files appear. */
  void commit() {
    lock.lock();
    try {
      for (Pending file : pending) {
        Files.move(
            file.early(),
            file.name(),
            StandardCopyOption.ATOMIC_MOVE,
            StandardCopyOption.REPLACE_EXISTING);
      }
      pending.clear();
    } catch (IOException e) {
      throw new BuildException(Code.FAILED, "--output: a file can not get its name: " + e, e);
    } finally {
      lock.unlock();
    }
  }

  /** Removes what was not committed. */
  @Override
  public void close() {
    lock.lock();
    try {
      for (IncomingLayout layout : layouts.values()) {
        layout.close();
      }
      for (Pending file : pending) {
        Files.deleteIfExists(file.early());
      }
    } catch (IOException e) {
      System.getLogger(PlanOutputs.class.getName())
          .log(System.Logger.Level.WARNING, "an unfinished output stays behind", e);
    } finally {
      lock.unlock();
    }
  }
}
