package dev.jbuild.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Rules on what steps may reach, of the build and of the configuration, with packets on a cable.
 */
@Tag("root")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EgressIT {
  private static final Duration AT_ONCE = Duration.ofSeconds(4);

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

  private static String addressed(String text) {
    return OutsideHost.addressed(text.replace("OTHER", OutsideHost.ALSO_THERE));
  }

  private Outcome build(String rules, String dockerfile, String... flags) throws IOException {
    var all = new ArrayList<String>(List.of(flags));
    all.add("--dns=" + OutsideHost.THERE);
    all.add("--egress=" + addressed(rules));
    return host.build(addressed(dockerfile), all.toArray(String[]::new));
  }

  /** What of some targets a step reaches under rules: {@code +} or {@code -} for each. */
  private String reached(String rules, String... targets) throws Exception {
    var commands = new StringBuilder("echo '" + rules + "'; ");
    for (String target : targets) {
      String command =
          target.startsWith("ping ")
              ? "ping -c 1 -W 1 " + target.substring(5)
              : "timeout 5 wget -q -O /dev/null http://" + target;
      commands.append(command).append(" 2>/dev/null >&2 && echo '+ ' || echo '- '; ");
    }
    Outcome outcome =
        build(rules, "FROM base\nRUN (" + commands + ") >/reached; tr -d '\\n' </reached >&2\n")
            .succeeded();
    String marks =
        outcome.err().lines().filter(l -> l.matches("#4 [0-9.]+ .*[-+] $")).findFirst().orElse("");
    return marks.substring(marks.lastIndexOf(addressed(rules)) + addressed(rules).length()).strip();
  }

  @Test
  void nameWithItsPortIsAllowedAndNothingElse() throws Exception {
    assertEquals(
        "+ - - -",
        reached(
            "allow=files.example:8000,deny=*",
            "files.example:8000/file",
            "files.example:8001/",
            "other.example:8000/file",
            "OTHER:8000/file"));
  }

  @Test
  void subnetWithItsPortIsAllowedAndNothingElse() throws Exception {
    String net = OutsideHost.THERE.replaceFirst("[0-9]+$", "2/31");
    assertEquals(
        "+ + - -",
        reached(
            "allow=" + net + ":8000",
            "files.example:8000/file",
            "OTHER:8000/file",
            "OUTSIDE:8001/",
            "ping OUTSIDE"));
    assertEquals("+ -", reached("allow=OUTSIDE/32", "OUTSIDE:8000/file", "OTHER:8000/file"));
  }

  @Test
  void portsAreAllowedAtEveryAddress() throws Exception {
    assertEquals(
        "+ + -",
        reached("allow=*:7999-8000/tcp", "OUTSIDE:8000/file", "OTHER:8000/file", "ping OUTSIDE"));
  }

  @Test
  void icmpIsAProtocolOfItsOwn() throws Exception {
    assertEquals(
        "+ - -", reached("allow=OUTSIDE/icmp", "ping OUTSIDE", "ping OTHER", "OUTSIDE:8000/file"));
  }

  @Test
  void wildcardMeansTheNamesBelow() throws Exception {
    assertEquals(
        "+ + -",
        reached(
            "allow=*.example,deny=*",
            "files.example:8000/file",
            "other.example:8000/file",
            "OUTSIDE:8001/"));
  }

  @Test
  void firstRuleThatFitsDecidesAndRefusalsAloneAllowTheRest() throws Exception {
    assertEquals("- +", reached("deny=OTHER,allow=*", "OTHER:8000/file", "OUTSIDE:8000/file"));
    assertEquals("- +", reached("deny=OTHER:8000", "OTHER:8000/file", "OUTSIDE:8000/file"));
  }

  @Test
  void refusedConnectionFailsAtOnceAndIsNamedWithStepAndRule() throws Exception {
    long start = System.nanoTime();
    Outcome outcome =
        build(
                "allow=files.example:8000,deny=*",
                """
                FROM base
                RUN wget -q -O /dev/null http://files.example:8000/file
                RUN nc OTHER 8000; nc OUTSIDE 8001; \
                wget -q -O /dev/null http://other.example:8000/file
                """)
            .endedWith(1);
    var took = Duration.ofNanos(System.nanoTime() - start);
    assertTrue(took.compareTo(AT_ONCE) < 0, took.toString());
    assertEquals(
        addressed(
            """
            process "/bin/sh -c nc OTHER 8000; nc OUTSIDE 8001; \
            wget -q -O /dev/null http://other.example:8000/file" did not complete successfully: \
            exit code: 1
            hint: name other.example not resolved: refused by the egress rule deny=*: \
            add '--egress allow=other.example' before it
            hint: connection to OTHER:8000 refused by the egress rule deny=*: \
            add '--egress allow=OTHER:8000' before it
            hint: connection to OUTSIDE:8001 refused by the egress rule deny=*: \
            add '--egress allow=OUTSIDE:8001' before it"""),
        outcome.error());
    assertEquals(
        addressed(
                """
                tcp OUTSIDE:8000 (files.example), N sent, N received
                refused the name other.example by the egress rule deny=*
                refused tcp OTHER:8000 by the egress rule deny=*
                refused tcp OUTSIDE:8001 by the egress rule deny=*""")
            .lines()
            .toList(),
        outcome.network());
    assertTrue(outcome.err().contains("failed step: [3/3] RUN nc "), outcome.err());
  }

  @Test
  void whatNoRuleAllowsSaysWhatWould() throws Exception {
    Outcome outcome =
        build("allow=OUTSIDE:443", "FROM base\nRUN nc -w 2 files.example 8000 </dev/null\n")
            .endedWith(1);
    assertEquals(
        List.of(
            addressed(
                "hint: connection to OUTSIDE:8000 (files.example) refused: no egress rule allows it:"
                    + " add '--egress allow=files.example:8000'")),
        outcome.hints());
  }

  @Test
  void refusedIcmpIsNoPeer() throws Exception {
    Outcome outcome =
        build("deny=*", "FROM base\nRUN ping -c 1 -W 1 OUTSIDE || true\n").succeeded();
    assertEquals(
        List.of(addressed("refused icmp OUTSIDE by the egress rule deny=*")), outcome.network());
  }

  @Test
  void hostModeStepIsRefusedBeforeAnythingRuns() throws Exception {
    Outcome outcome =
        build(
                "deny=*",
                """
                FROM base
                RUN echo runs
                RUN --network=host echo never
                """,
                "--allow=network.host")
            .endedWith(65);
    assertEquals(
        "Dockerfile:3: '[3/3] RUN --network=host echo never' has the host's network, where egress"
            + " rules can not hold, got 'deny=*'; leave out --egress, or let the step have"
            + " 'RUN --network=isolated'",
        outcome.error());
    assertTrue(!outcome.err().contains("] RUN echo runs\n"), outcome.err());
    assertEquals(
        "Dockerfile:2: '[2/2] RUN echo never' has the host's network, where egress rules can not"
            + " hold, got 'deny=*'; leave out --egress, or let the step have"
            + " 'RUN --network=isolated'",
        build("deny=*", "FROM base\nRUN echo never\n", "--network=host").error());
  }

  @Test
  void ceilingOfTheConfigurationHoldsAndCannotBeLifted() throws Exception {
    Path config = host.work().resolve("ceiling.toml");
    Files.writeString(
        config,
        addressed(
            """
            [network]
            egress = ["allow=OUTSIDE:8000", "deny=OTHER", "allow=*:8001"]
            [dns]
            nameservers = ["OUTSIDE"]
            """));
    try (var daemon = DaemonProcess.over(host, "--config=" + config)) {
      Path good =
          host.context(addressed("FROM base\nRUN wget -q -O /d http://files.example:8000/file\n"));
      host.jbuild("--addr", daemon.address(), "build", good.toString()).succeeded();
      Path bad = host.context(addressed("FROM base\nRUN nc OTHER 8000; nc OUTSIDE 8002; exit 1\n"));
      Outcome outcome =
          host.jbuild(
                  "--addr",
                  daemon.address(),
                  "build",
                  "--progress=plain",
                  "--egress=allow=*",
                  bad.toString())
              .endedWith(1);
      assertEquals(
          addressed(
                  """
                  hint: connection to OTHER:8000 refused by the egress rule deny=OTHER \
                  of the daemon's configuration, which a build cannot change
                  hint: connection to OUTSIDE:8002 refused: no egress rule of the daemon's \
                  configuration allows it, which a build cannot change""")
              .lines()
              .toList(),
          outcome.hints());
      Path both = host.context(addressed("FROM base\nRUN nc OUTSIDE 8001; exit 1\n"));
      outcome =
          host.jbuild("--addr", daemon.address(), "build", "--egress=deny=*", both.toString())
              .endedWith(1);
      assertEquals(
          List.of(
              addressed(
                  "hint: connection to OUTSIDE:8001 refused by the egress rule deny=*: add"
                      + " '--egress allow=OUTSIDE:8001' before it")),
          outcome.hints());
    }
  }

  @Test
  void stepThatUsedTheNetworkIsReusedUnderTheSameRulesOnly() throws Exception {
    String dockerfile = "FROM base\nRUN wget -q -O /key http://files.example:8000/file\n";
    String rules = "allow=files.example:8000,deny=*";
    build(rules, dockerfile).succeeded();
    assertTrue(build(rules, dockerfile).succeeded().err().contains("#4 CACHED\n"));
    Outcome other = build("allow=files.example,deny=*", dockerfile).succeeded();
    assertTrue(!other.err().contains("#4 CACHED\n"), other.err());
    build("deny=*", dockerfile).endedWith(1);
    assertTrue(build(rules, dockerfile).succeeded().err().contains("#4 CACHED\n"));
  }
}
