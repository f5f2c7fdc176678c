package dev.jbuild.process.runtime;

import dev.jbuild.linux.libc.LibcKernel;
import dev.jbuild.process.ProcessRunner;
import dev.jbuild.process.ProcessRunnerContract;
import dev.jbuild.process.runtime.RuntimeConfig.Preference;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

class RuncProcessRunnerTest extends ProcessRunnerContract {
  private ExecutorService pumps;
  private OciProcessRunner runner;

  @BeforeEach
  void open() {
    RuntimeTools.assume("runc");
    pumps = Executors.newCachedThreadPool();
    var state = directory().resolve("state");
    var config =
        new RuntimeConfig(Preference.RUNC, null, state.resolve("run"), state.resolve("seccomp"));
    runner = new OciProcessRunner(config, new LibcKernel(), pumps);
  }

  @AfterEach
  void close() throws Exception {
    if (runner != null) {
      runner.close();
      pumps.shutdownNow();
    }
  }

  @Override
  protected ProcessRunner runner() {
    return runner;
  }
}
