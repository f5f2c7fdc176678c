package dev.jbuild.process.runtime;

import dev.jbuild.linux.Descriptor;
import dev.jbuild.linux.Kernel;
import dev.jbuild.mount.Mount;
import dev.jbuild.process.TreeMounter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Mounts trees in the run directory, beside the directories of steps: what cleans up after a
 * process that is gone takes them for some.
 *
 * @param runDirectory that of the steps
 */
public record HostTrees(Kernel kernel, Path runDirectory) implements TreeMounter {

  @Override
  public Held hold(String id, List<Mount> trees) throws IOException {
    Path directory = runDirectory.toAbsolutePath();
    Files.createDirectories(directory);
    var held =
        new Mounted(
            kernel,
            StepDirectory.create(directory, id),
            new StepMounts(kernel),
            List.copyOf(trees));
    try {
      held.mount();
    } catch (IOException | RuntimeException failure) {
      try {
        held.close();
      } catch (IOException left) {
        failure.addSuppressed(left);
      }
      throw failure;
    }
    return held;
  }

  /** Trees at {@code mount<index>} of their directory. */
  private record Mounted(Kernel kernel, StepDirectory step, StepMounts mounts, List<Mount> trees)
      implements Held {

    void mount() throws IOException {
      for (int index = 0; index < trees.size(); index++) {
        mounts.mountOn(trees.get(index), step.mount(index));
      }
    }

    @Override
    public Mount bind(int index) {
      List<String> options = StepMounts.bindOptions(trees.get(index));
      return new Mount("bind", step.mount(index).toString(), options);
    }

    @Override
    public Descriptor open(int index, String path) throws IOException {
      return kernel.openInRoot(step.mount(index), path);
    }

    @Override
    public void close() throws IOException {
      try {
        mounts.unmountAll();
      } finally {
        step.remove();
      }
    }
  }
}
