package dev.jbuild.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Builds with {@code --network=host}: what their steps reach. */
@Tag("root")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostModeTest {
  private static final String ASKS_HEALTH =
      """
      FROM base
      ARG PORT
      RUN wget -q -O /health http://localhost:$PORT/health || exit 1
      """;

  private final HostServices services = new HostServices();
  private BuildHost host;

  @BeforeAll
  void open(@TempDir Path directory) throws Exception {
    host = BuildHost.withBase(directory);
  }

  @AfterAll
  void close() throws IOException {
    services.close();
  }

  @Test
  @DisplayName("S1 with --network=host a step reaches a service of the host's localhost")
  void stepReachesServiceOfHostsLocalhost() throws Exception {
    int port = services.http("all is well");
    Path result = host.exported(ASKS_HEALTH, "--network=host", "--build-arg=PORT=" + port);
    assertEquals("all is well", Files.readString(result.resolve("health")));
  }

  @Test
  @DisplayName("S2 without the flag the step does not reach it, and the build fails")
  void withoutFlagTheBuildFails() throws Exception {
    int port = services.http("all is well");
    Outcome outcome = host.build(ASKS_HEALTH, "--build-arg=PORT=" + port).endedWith(1);
    assertTrue(outcome.err().contains("exit code: 1"), outcome::err);
  }
}
