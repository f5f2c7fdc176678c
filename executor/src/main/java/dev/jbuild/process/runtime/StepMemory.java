package dev.jbuild.process.runtime;

import dev.jbuild.linux.Kernel;
import dev.jbuild.process.ProcessRequest.Hidden;
import dev.jbuild.process.ProcessRequest.SandboxFile;
import dev.jbuild.process.ProcessRequest.Secret;
import dev.jbuild.process.ProcessRequest.Served;
import dev.jbuild.process.ProcessRequest.Socket;
import dev.jbuild.process.spec.RuntimeSpec.MountPoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What of a step may be in memory only: its secrets and sockets. Where variables are secret, also
 * the runtime's configuration and state, which hold all variables. Closing ends the sockets; the
 * memory itself goes with the step's other mounts.
 */
final class StepMemory implements AutoCloseable {
  private static final long ROOM_BYTES = 8L << 20;
  private static final int EXECUTE = 0111;
  private static final int PERMISSIONS = 0777;

  private final Kernel kernel;
  private final StepDirectory step;
  private final StepMounts mounts;
  private final Hidden hidden;
  private final boolean joined;
  private final List<MountPoint> files = new ArrayList<>();
  private final List<Served> sockets = new ArrayList<>();

  /**
   * @param joined whether processes may join the step, with secrets of their own
   */
  StepMemory(Kernel kernel, StepDirectory step, StepMounts mounts, Hidden hidden, boolean joined) {
    this.joined = joined;
    this.kernel = kernel;
    this.step = step;
    this.mounts = mounts;
    this.hidden = hidden;
  }

  /** Mounts the memory and fills it; does nothing for a step without secrets. */
  void open() throws IOException {
    if (hidden.files().isEmpty() && hidden.env().isEmpty() && !joined) {
      return;
    }
    mounts.memory(step.memory(), sizeBytes());
    if (!hidden.env().isEmpty()) {
      Path state = Files.createDirectory(step.memory().resolve("state"));
      Files.createSymbolicLink(step.state(), state);
      Files.createSymbolicLink(step.config(), step.memory().resolve("config.json"));
    }
    for (SandboxFile file : hidden.files()) {
      add(file);
    }
  }

  private long sizeBytes() {
    long size = ROOM_BYTES;
    for (SandboxFile file : hidden.files()) {
      size += file.content() instanceof Secret secret ? secret.bytes().size() : 0;
    }
    return size;
  }

  private void add(SandboxFile file) throws IOException {
    Path path = step.memory().resolve("file" + files.size());
    switch (file.content()) {
      case Secret secret -> Files.write(path, secret.bytes().toArray());
      case Socket socket -> bind(socket, String.valueOf(path.getFileName()));
    }
    kernel.changeOwner(path, file.uid(), file.gid());
    kernel.changeMode(path, file.mode() & PERMISSIONS);
    var options = new ArrayList<>(List.of("bind", "ro", "nosuid", "nodev"));
    if ((file.mode() & EXECUTE) == 0) {
      options.add("noexec");
    }
    files.add(new MountPoint(file.dest(), "bind", path.toString(), options));
  }

  /** The path of a socket has room for 107 bytes: that of an open directory is always short. */
  private void bind(Socket socket, String name) throws IOException {
    try (var directory = kernel.openInRoot(step.memory(), "")) {
      sockets.add(socket.listener().listen(directory.path().resolve(name)));
    }
  }

  /** Binds of the files to their places. */
  List<MountPoint> files() {
    return files;
  }

  @Override
  public void close() throws IOException {
    IOException failure = null;
    for (Served socket : sockets) {
      try {
        socket.close();
      } catch (IOException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    sockets.clear();
    if (failure != null) {
      throw failure;
    }
  }
}
