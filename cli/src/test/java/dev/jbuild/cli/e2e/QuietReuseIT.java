package dev.jbuild.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** A step that proves to have used no network is the same step in every network. */
@Tag("root")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class QuietReuseIT {
  private static final String QUIET =
      """
      FROM base
      RUN echo nothing to say >/one
      RUN httpd -p 127.0.0.1:8080 -h / && timeout 5 wget -q -O /two http://127.0.0.1:8080/one
      """;

  private BuildHost host;
  private OutsideServices outside;

  @BeforeAll
  void open(@TempDir Path directory) throws Exception {
    host = BuildHost.withBase(directory);
    outside = OutsideServices.open(directory);
  }

  @AfterAll
  void close() throws IOException {
    if (outside != null) { // null when this machine can not build
      outside.close();
    }
  }

  /** How each step of a build came about: {@code DONE} or {@code CACHED}, in their order. */
  private List<String> steps(String dockerfile, String... flags) throws IOException {
    Outcome outcome = host.build(OutsideHost.addressed(dockerfile), flags).succeeded();
    return outcome
        .err()
        .lines()
        .filter(line -> line.matches("#[0-9]+ \\[[0-9]+/[0-9]+\\] RUN .*"))
        .map(line -> line.substring(0, line.indexOf(' ') + 1))
        .map(number -> outcome.err().contains("\n" + number + "CACHED\n") ? "CACHED" : "DONE")
        .toList();
  }

  @Test
  void quietStepsAreReusedWhateverTheNetwork() throws Exception {
    var cached = List.of("CACHED", "CACHED");
    assertEquals(List.of("DONE", "DONE"), steps(QUIET));
    assertEquals(cached, steps(QUIET));
    assertEquals(cached, steps(QUIET, "--network=none"));
    assertEquals(cached, steps(QUIET, "--network=host", "--allow=network.host"));
    assertEquals(cached, steps(QUIET, "--egress=deny=*"));
    assertEquals(cached, steps(QUIET, "--dns=" + OutsideHost.THERE));
    assertEquals(cached, steps(QUIET, "--allow=network.host=127.0.0.1:5432"));
  }

  @Test
  void quietInNoNetworkIsQuietInTheDefaultOne() throws Exception {
    String dockerfile = QUIET.replace("nothing to say", "from none");
    assertEquals(List.of("DONE", "DONE"), steps(dockerfile, "--network=none"));
    assertEquals(List.of("CACHED", "CACHED"), steps(dockerfile));
    assertEquals(List.of("CACHED", "CACHED"), steps(dockerfile, "--network=host"));
  }

  @Test
  void hostModeIsQuietWithoutASocketOnly() throws Exception {
    String dockerfile = QUIET.replace("nothing to say", "from host").replace(":8080", ":18080");
    assertEquals(List.of("DONE", "DONE"), steps(dockerfile, "--network=host"));
    // The host's loopback is not the step's own.
    assertEquals(List.of("CACHED", "DONE"), steps(dockerfile));
  }

  @Test
  void stepThatUsedTheNetworkRunsAgainInAnother() throws Exception {
    String dockerfile =
        """
        FROM base
        RUN echo before the network >/one
        RUN timeout 5 wget -q -O /two http://OUTSIDE:8000/file || true
        """;
    assertEquals(List.of("DONE", "DONE"), steps(dockerfile));
    assertEquals(List.of("CACHED", "CACHED"), steps(dockerfile));
    assertEquals(List.of("CACHED", "DONE"), steps(dockerfile, "--network=none"));
    assertEquals(List.of("CACHED", "DONE"), steps(dockerfile, "--network=host"));
    assertEquals(List.of("CACHED", "DONE"), steps(dockerfile, "--egress=allow=*"));
    assertEquals(List.of("CACHED", "CACHED"), steps(dockerfile));
  }

  @Test
  void stepThatLooksAtItsInterfacesRunsAgainInAnother() throws Exception {
    String dockerfile = "FROM base\nRUN ls /sys/class/net >/interfaces\n";
    assertEquals(List.of("DONE"), steps(dockerfile));
    assertEquals(List.of("CACHED"), steps(dockerfile));
    assertEquals(List.of("DONE"), steps(dockerfile, "--network=none"));
    assertEquals(List.of("DONE"), steps(dockerfile, "--network=host"));
  }

  @Test
  void whoIsNotAtTheStepsLocalhostMayBeAtTheHosts() throws Exception {
    try (var services = new HostServices()) {
      int port = services.http("found");
      String dockerfile =
          "FROM base\nRUN wget -q -O /a http://127.0.0.1:" + port + "/health || echo no >/a\n";
      assertEquals(List.of("DONE"), steps(dockerfile));
      assertEquals(List.of("DONE"), steps(dockerfile, "--network=host"));
      assertEquals(List.of("CACHED"), steps(dockerfile));
    }
  }

  @Test
  void conversationThroughAGrantedPortIsNotQuiet() throws Exception {
    try (var services = new HostServices()) {
      int port = services.http("granted");
      String dockerfile =
          "FROM base\nRUN timeout 5 wget -q -O /a http://localhost:" + port + "/health || true\n";
      String grant = "--allow=network.host=127.0.0.1:" + port;
      assertEquals(List.of("DONE"), steps(dockerfile, grant));
      assertEquals(List.of("CACHED"), steps(dockerfile, grant));
      assertEquals(List.of("DONE"), steps(dockerfile));
    }
  }
}
