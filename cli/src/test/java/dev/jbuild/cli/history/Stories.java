package dev.jbuild.cli.history;

import dev.jbuild.cli.history.StepTraffic.Contact;
import dev.jbuild.cli.history.StepTraffic.Kind;
import dev.jbuild.cli.progress.BuildEvent;
import dev.jbuild.error.Detail;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Builds for tests. */
public final class Stories {
  public static final Instant START = Instant.parse("2026-11-21T08:00:00Z");

  /** What a step prints that wants to take over the page. */
  public static final String HOSTILE =
      "</pre><script>document.title='pwned'</script><img src=http://192.0.2.1/x onerror="
          + "\"document.title='pwned'\">\u001b[31mred\u001b[0m\u202e\u0000 ]]> <!-- &amp; \r\n";

  private Stories() {}

  /** A build of this state. */
  public static BuildEntry entry(BuildEntry.State state, String error) {
    return new BuildEntry(
        "abc123",
        "dockerfile.v0",
        new TreeMap<>(Map.of("filename", "Dockerfile", "label:x", "<b onclick=a()>")),
        List.of(new BuildEntry.Output("image", new TreeMap<>(Map.of("name", "web")))),
        state,
        START,
        state == BuildEntry.State.RUNNING ? null : START.plusSeconds(10),
        error,
        new BuildEntry.Steps(4, 3, 1, 1),
        false,
        new TreeMap<>(Map.of("containerimage.digest", "sha256:0")));
  }

  /** Four steps: one cached, one that ran twice, one that failed, one that never began. */
  public static Story failed() {
    var collector = new StoryCollector();
    collector.inputs("c", List.of("a", "b"));
    collector.inputs("d", List.of("c"));
    collector.accept(
        List.of(
            state("a", "[base 1/2] FROM x", true, 0, 1, ""),
            state("d", "[stage-1 4/4] RUN never", false, -1, -1, ""),
            state("b", "[deps 2/2] RUN \"make\" && <b>", false, 1, 3, ""),
            state("b", "[deps 2/2] RUN \"make\" && <b>", false, 4, 6, ""),
            state("c", "[stage-1 3/4] COPY --from=deps /x /", false, 6, 9, "exit code: 3"),
            new BuildEvent.Output("c", START.plusSeconds(7), 2, HOSTILE + "last words\n"),
            new BuildEvent.Task("c", "task <i>", 5, 10, START, START.plusSeconds(1)),
            new BuildEvent.Warning("a", "careful <u>", List.of("more"), "", "Dockerfile:1")));
    var traffic =
        new StepTraffic(
            "sandbox",
            false,
            List.of(
                new Contact(Kind.PEER, "tcp 192.0.2.7:443 (a.example)", "answered", 1_200, 3),
                new Contact(Kind.REFUSED, "tcp 10.0.0.1:22", "steps do not reach the host", 0, 0)),
            List.of());
    return new Story(
        entry(BuildEntry.State.FAILED, "process \"x\" did not complete: exit code: 3"),
        collector.steps(
            Map.of("c", List.of("miss: the op differs")),
            Map.of("b", traffic),
            START.plusSeconds(10)),
        collector.warnings(),
        List.of(
            new Detail.ProcessExit(3),
            new Detail.Source(
                "Dockerfile",
                "FROM x\nRUN <oops>\n",
                "Dockerfile",
                List.of(new Detail.Lines(2, 0, 2, 0)))),
        List.of("network.host"),
        List.of("A note."));
  }

  private static BuildEvent.StepState state(
      String digest, String name, boolean cached, int from, int to, String error) {
    return new BuildEvent.StepState(
        digest,
        name,
        cached,
        from < 0 ? null : START.plusSeconds(from),
        to < 0 ? null : START.plusSeconds(to),
        error);
  }

  /** A build of many steps in ten stages, each of which prints a lot. */
  public static Story large(int steps, int logBytes) {
    var collector = new StoryCollector();
    for (int i = 0; i < steps; i++) {
      String digest = "step" + i;
      int stage = i % 10;
      collector.inputs(digest, i < 10 ? List.of() : List.of("step" + (i - 10), "step" + (i - 7)));
      collector.accept(
          List.of(
              state(
                  digest,
                  "[stage" + stage + " " + i / 10 + "/20] RUN make -C component-" + i + " all",
                  i % 4 == 0,
                  i / 3,
                  i / 3 + 2,
                  ""),
              new BuildEvent.Output(
                  digest,
                  START.plusSeconds(i),
                  1,
                  "a line of <output> & more\n".repeat(logBytes / 26))));
    }
    return new Story(
        entry(BuildEntry.State.COMPLETED, ""),
        collector.steps(Map.of(), Map.of(), START.plusSeconds(100)),
        List.of(),
        List.of(),
        List.of(),
        List.of());
  }
}
