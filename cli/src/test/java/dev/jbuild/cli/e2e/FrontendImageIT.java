package dev.jbuild.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A frontend that is an image: {@link StdioFrontend} with a small Java runtime around it. */
@Tag("root")
class FrontendImageIT {
  private static final String LANGUAGE = "# syntax=example.org/words:1\nno Dockerfile at all\n";

  @TempDir static Path work;
  private static BuildHost host;

  @BeforeAll
  static void open() throws Exception {
    host = BuildHost.at(work);
    Path context =
        host.context(
            """
            FROM scratch
            COPY root /
            ENV LANG=C.UTF-8
            ENTRYPOINT ["/jre/bin/java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", \\
              "--sun-misc-unsafe-memory-access=allow", "--enable-native-access=ALL-UNNAMED", \\
              "-cp", "/lib/classes:/lib/jars/*", "dev.jbuild.cli.e2e.StdioFrontend"]
            LABEL moby.buildkit.frontend.network.none="true"
            LABEL moby.buildkit.frontend.caps="moby.buildkit.frontend.inputs"
            """);
    runtime(Files.createDirectories(context.resolve("root")));
    host.jbuild("build", "-t", "example.org/words:1", context.toString()).succeeded();
  }

  /** Puts a Java runtime, what it loads, and this test's classes below a directory. */
  private static void runtime(Path root) throws Exception {
    Path jlink = Path.of(System.getProperty("java.home"), "bin", "jlink");
    Assumptions.assumeTrue(Files.isExecutable(jlink), "skipped: " + jlink + " is missing");
    Commands.exec(
        jlink.toString(),
        "--add-modules=java.base,java.logging,java.management,java.naming,jdk.unsupported",
        "--strip-debug",
        "--no-header-files",
        "--no-man-pages",
        "--output=" + root.resolve("jre"));
    Commands.sh(
        "cd '"
            + root
            + "' && for f in jre/bin/java jre/lib/*.so jre/lib/server/*.so; do ldd $f; done"
            + " | grep -o '/[^ ]*' | sort -u | while read l; do"
            + " case $l in */jre/*) ;; *) [ ! -f \"$l\" ] || cp -L --parents \"$l\" . ;; esac; done");
    String path =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    Path jars = Files.createDirectories(root.resolve("lib/jars"));
    Path classes = Files.createDirectories(root.resolve("lib/classes"));
    for (String each : path.split(File.pathSeparator, -1)) {
      if (Files.isDirectory(Path.of(each))) {
        Commands.exec("cp", "-r", each + "/.", classes.toString());
      } else if (Files.isRegularFile(Path.of(each))) {
        Commands.exec("cp", each, jars.toString());
      }
    }
  }

  private static Outcome build(String dockerfile, String... flags) throws Exception {
    return host.build(dockerfile, flags);
  }

  @Test
  void theImageOfTheSyntaxLineBuilds() throws Exception {
    Path result = host.exported(LANGUAGE);

    assertEquals(LANGUAGE + "workers 1, network ", Files.readString(result.resolve("words")));
  }

  @Test
  void aBuildArgumentNamesTheFrontendToo() throws Exception {
    Path result = host.exported("other words\n", "--build-arg=BUILDKIT_SYNTAX=example.org/words:1");

    assertTrue(Files.readString(result.resolve("words")).startsWith("other words\n"));
  }

  @Test
  void theFrontendsOwnErrorIsTold() throws Exception {
    Outcome failed = build("# syntax=example.org/words:1\nmistake\n").endedWith(65);

    assertEquals("line 2 is a mistake", failed.error());
  }

  @Test
  void anEndWithoutAResultIsAnError() throws Exception {
    Outcome failed = build(LANGUAGE, "--build-arg=MODE=silent").endedWith(71);

    assertEquals("frontend image 'example.org/words:1' ended without a result", failed.error());
  }

  @Test
  void anExitCodeIsToldWithTheLastWords() throws Exception {
    Outcome failed = build(LANGUAGE, "--build-arg=MODE=exit").endedWith(71);

    assertEquals(
        "frontend image 'example.org/words:1' ended with exit code 3; it said: I lost my way",
        failed.error());
  }

  @Test
  void aConfigurationMayAllowNone() throws Exception {
    Path config =
        Files.writeString(
            work.resolve("none.toml"), "[frontend.\"gateway.v0\"]\nenabled = false\n");
    try (var daemon = DaemonProcess.over(host, "--config=" + config)) {
      Outcome refused =
          host.jbuild("--addr=" + daemon.address(), "build", host.context(LANGUAGE).toString());

      assertEquals(
          "frontend image 'example.org/words:1': this daemon runs none; its configuration says"
              + " enabled = false in [frontend.\"gateway.v0\"]",
          refused.error());
    }
  }

  @Test
  void aDaemonRunsItForBuildxAsItsConfigurationAllows() throws Exception {
    Path config =
        Files.writeString(
            work.resolve("some.toml"),
            "[frontend.\"gateway.v0\"]\nallowedRepositories = [\"example.org/words\"]\n");
    try (var daemon = DaemonProcess.over(host, "--config=" + config)) {
      BuildxClient buildx = BuildxClient.at(work, daemon.address());
      Path out = work.resolve("buildx-out");
      buildx.build(host.context(LANGUAGE), "--output=type=local,dest=" + out).succeeded();
      assertEquals(LANGUAGE + "workers 1, network ", Files.readString(out.resolve("words")));

      Outcome refused =
          buildx.build(host.context("# syntax=example.org/others:1\nx\n")).endedWith(1);
      assertTrue(
          refused
              .err()
              .contains(
                  "frontend image 'example.org/others:1': this daemon does not run images of"
                      + " 'example.org/others'; allowed are example.org/words (allowedRepositories"
                      + " in [frontend.\"gateway.v0\"])"),
          refused.err());
    }
  }

  @AfterAll
  static void nothingIsLeft() throws Exception {
    if (host != null) { // null when this machine can not build
      assertTrue(host.stateFiles("run").isEmpty(), host.stateFiles("run")::toString);
    }
  }
}
