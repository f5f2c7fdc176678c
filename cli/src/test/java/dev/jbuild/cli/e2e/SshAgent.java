package dev.jbuild.cli.e2e;

import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Assertions;

/** A real {@code ssh-agent} that listens at a path, without keys. */
record SshAgent(Path socket, Process process) implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(20);

  /** Skips the tests where there is no such program. */
  static SshAgent at(Path socket) throws Exception {
    Commands.assumed("ssh-agent");
    Process process =
        new ProcessBuilder("ssh-agent", "-D", "-a", socket.toString())
            .redirectOutput(Redirect.DISCARD)
            .start();
    var agent = new SshAgent(socket, process);
    try {
      Commands.await("the agent listens", START, agent::listens);
    } catch (AssertionError | Exception failure) {
      agent.close();
      throw failure;
    }
    return agent;
  }

  private boolean listens() {
    Assertions.assertTrue(process.isAlive(), "it has ended");
    return Files.exists(socket);
  }

  @Override
  public void close() {
    process.destroy();
    process.onExit().join();
  }
}
