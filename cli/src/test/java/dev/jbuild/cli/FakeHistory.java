package dev.jbuild.cli;

import dev.jbuild.cli.history.BuildEntry;
import dev.jbuild.cli.history.History;
import dev.jbuild.cli.history.Story;
import dev.jbuild.cli.progress.BuildEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** A history of what is put into it; remembers what was asked. */
final class FakeHistory implements History {
  final List<BuildEntry> builds = new ArrayList<>();
  final List<String> asked = new ArrayList<>();
  final List<BuildEvent> events = new ArrayList<>();

  /** A build that took two seconds. */
  static BuildEntry build(String ref, String name, Instant created) {
    return new BuildEntry(
        ref,
        "dockerfile.v0",
        new TreeMap<>(Map.of("filename", "Dockerfile")),
        List.of(new BuildEntry.Output("image", new TreeMap<>(Map.of("name", name)))),
        BuildEntry.State.COMPLETED,
        created,
        created.plusSeconds(2),
        "",
        new BuildEntry.Steps(5, 5, 3, 0),
        false,
        new TreeMap<>());
  }

  @Override
  public List<BuildEntry> list() {
    return List.copyOf(builds);
  }

  @Override
  public Story story(BuildEntry entry) {
    asked.add("story " + entry.ref());
    return new Story(entry, List.of(), List.of(), List.of(), List.of(), List.of());
  }

  @Override
  public void replay(String ref, Consumer<List<BuildEvent>> sink) {
    asked.add("replay " + ref);
    sink.accept(List.copyOf(events));
  }

  @Override
  public void delete(String ref) {
    asked.add("delete " + ref);
  }

  @Override
  public void pin(String ref, boolean pinned) {
    asked.add((pinned ? "pin " : "unpin ") + ref);
  }

  @Override
  public void close() {
    asked.add("close");
  }
}
