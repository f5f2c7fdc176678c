package dev.jbuild.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The debug adapter of the real buildx, as an editor drives it. */
@Tag("root")
@Timeout(300)
class DapIT {
  private static final int END_SECONDS = 60;

  @TempDir static Path work;
  private static BuildHost host;
  private static DaemonProcess daemon;
  private static BuildxClient client;

  @BeforeAll
  static void start() throws Exception {
    host = BuildHost.withBase(work.resolve("dap-" + UUID.randomUUID()));
    daemon = DaemonProcess.over(host);
    client = BuildxClient.at(Files.createDirectories(work.resolve("client")), daemon.address());
  }

  @AfterAll
  static void stop() {
    if (daemon != null) { // null when it did not start
      daemon.close();
    }
  }

  /** Begins a build that waits for what is to be set. */
  private static DebugAdapter launched(Path context, boolean stopOnEntry) throws Exception {
    Process buildx =
        client.startAdapter(
            "dap", "build", "--builder=jb", "--output=type=local,dest=" + result(context));
    var editor = DebugAdapter.of(buildx);
    JsonNode able =
        editor.ask("initialize", Map.of("adapterID", "dockerfile", "clientID", "editor"));
    assertTrue(able.path("supportsConfigurationDoneRequest").asBoolean(), able.toString());
    editor.ask(
        "launch",
        Map.of(
            "contextPath", context.toString(),
            "dockerfile", context.resolve("Dockerfile").toString(),
            "stopOnEntry", stopOnEntry));
    editor.event("initialized");
    return editor;
  }

  private static Path result(Path context) {
    return context.resolve("result");
  }

  /** Where builds stop, as asked. */
  private static JsonNode breakpoint(DebugAdapter editor, Path context, int line) throws Exception {
    JsonNode set =
        editor.ask(
            "setBreakpoints",
            Map.of(
                "source", Map.of("path", context.resolve("Dockerfile").toString()),
                "breakpoints", List.of(Map.of("line", line))));
    return set.path("breakpoints").path(0);
  }

  private static JsonNode top(DebugAdapter editor, int thread) throws Exception {
    return editor.ask("stackTrace", Map.of("threadId", thread)).path("stackFrames").path(0);
  }

  /** What something that is seen holds. */
  private static JsonNode variables(DebugAdapter editor, JsonNode holder) throws Exception {
    int reference = holder.path("variablesReference").asInt();
    return editor.ask("variables", Map.of("variablesReference", reference)).path("variables");
  }

  private static List<String> names(JsonNode all) {
    return all.valueStream().map(each -> each.path("name").asString()).toList();
  }

  private static JsonNode named(JsonNode all, String name) {
    return all.valueStream()
        .filter(each -> each.path("name").asString().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + name + " in " + all));
  }

  /** Goes on to the end, and gives the exit code. */
  private static int ended(DebugAdapter editor, int thread) throws Exception {
    editor.ask("continue", Map.of("threadId", thread));
    editor.event("terminated");
    assertTrue(
        editor.process().waitFor(END_SECONDS, TimeUnit.SECONDS),
        () -> "it does not end: " + client.said());
    return editor.process().exitValue();
  }

  @Test
  void aBuildStopsAtABreakpointAndGoesOnToItsEnd() throws Exception {
    Path context =
        host.context(
            """
            FROM base
            RUN echo from-""before > /before
            RUN echo from-""the-step > /made
            RUN echo from-""after > /after
            """);
    try (var editor = launched(context, false)) {
      int id = breakpoint(editor, context, 3).path("id").asInt();
      editor.ask("configurationDone", Map.of());
      JsonNode stopped = editor.event("stopped");
      assertEquals("breakpoint", stopped.path("reason").asString());
      assertEquals(id, stopped.path("hitBreakpointIds").path(0).asInt());
      int thread = stopped.path("threadId").asInt();
      JsonNode frame = top(editor, thread);
      assertEquals(3, frame.path("line").asInt(), frame.toString());
      assertEquals(
          context.resolve("Dockerfile").toString(), frame.path("source").path("path").asString());
      int seen = frame.path("id").asInt();
      JsonNode scopes = editor.ask("scopes", Map.of("frameId", seen)).path("scopes");
      JsonNode files = variables(editor, named(scopes, "File Explorer"));
      assertTrue(names(files).contains("before"), files.toString());
      assertFalse(names(files).contains("made"), files.toString());
      JsonNode data = named(variables(editor, named(files, "before")), "data");
      assertEquals("from-before\n", data.path("value").asString());
      assertEquals(0, ended(editor, thread), client.said());
      assertEquals("from-after\n", Files.readString(result(context).resolve("after")));
    }
    assertNothingIsLeft();
  }

  @Test
  void aBuildGoesStepByStep() throws Exception {
    Path context =
        host.context(
            """
            FROM base
            RUN echo first-""step > /one
            RUN echo second-""step > /two
            """);
    try (var editor = launched(context, true)) {
      editor.ask("configurationDone", Map.of());
      var lines = new ArrayList<Integer>();
      JsonNode stopped = editor.event("stopped");
      int thread = stopped.path("threadId").asInt();
      for (int i = 0; i < 3; i++) {
        assertEquals("step", stopped.path("reason").asString());
        lines.add(top(editor, thread).path("line").asInt());
        editor.ask("next", Map.of("threadId", thread));
        stopped = editor.event("stopped");
      }
      assertEquals(List.of(1, 2, 3), lines);
      assertEquals(0, ended(editor, thread), client.said());
    }
    assertNothingIsLeft();
  }

  @Test
  void aBuildStopsWhereAStepFails() throws Exception {
    Path context =
        host.context(
            """
            FROM base
            RUN echo from-""before > /before
            RUN echo half-""done > /half; exit 3
            """);
    try (var editor = launched(context, false)) {
      editor.ask("configurationDone", Map.of());
      JsonNode stopped = editor.event("stopped");
      assertEquals("exception", stopped.path("reason").asString());
      int thread = stopped.path("threadId").asInt();
      assertEquals(3, top(editor, thread).path("line").asInt());
      assertEquals(1, ended(editor, thread));
    }
    assertNothingIsLeft();
  }

  @Test
  void anEditorThatGoesAwayEndsItsBuild() throws Exception {
    Path context =
        host.context(
            """
            FROM base
            RUN echo a-""step > /one
            """);
    BuildxClient other = client.copy(work.resolve("other"));
    try (var editor = launched(context, true)) {
      editor.ask("configurationDone", Map.of());
      editor.event("stopped");
      assertTrue(runs(other), "it waits for the editor");
    }
    assertTrue(Deadline.seconds(END_SECONDS).until(() -> !runs(other)), "the build goes on");
    assertNothingIsLeft();
  }

  private static boolean runs(BuildxClient other) throws IOException {
    try {
      return other.on("history", "ls").out().contains("Running");
    } catch (Exception e) {
      throw new IOException("history ls", e);
    }
  }

  private static void assertNothingIsLeft() throws Exception {
    assertTrue(
        Deadline.seconds(10)
            .until(() -> host.stateFiles("run").stream().allMatch(name -> name.startsWith("."))),
        () -> "something is left of a container");
  }
}
