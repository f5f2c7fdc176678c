package dev.jbuild.process.runtime;

import dev.jbuild.linux.libc.LibcKernel;
import dev.jbuild.process.ProcessRunner;
import dev.jbuild.process.runtime.RuntimeConfig.Preference;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A real runner with its threads, over {@code <directory>/state}. */
final class RunnerUnderTest implements AutoCloseable {
  private final ExecutorService pumps = Executors.newCachedThreadPool();
  private final OciProcessRunner runner;

  RunnerUnderTest(Preference preference, Path directory) {
    var state = directory.resolve("state");
    var config =
        new RuntimeConfig(preference, null, state.resolve("run"), state.resolve("seccomp"));
    runner = new OciProcessRunner(config, new LibcKernel(), pumps);
  }

  ProcessRunner runner() {
    return runner;
  }

  OciProcessRunner ociRunner() {
    return runner;
  }

  @Override
  public void close() throws IOException {
    runner.close();
    pumps.shutdownNow();
  }
}
