package dev.jbuild.cli;

import dev.jbuild.cli.build.BuildPlan;
import dev.jbuild.cli.engine.Engine;
import dev.jbuild.cli.engine.Engines;
import dev.jbuild.cli.history.History;
import dev.jbuild.cli.progress.BuildEvent;
import dev.jbuild.error.BuildException;
import dev.jbuild.oci.Bytes;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** An engine that does as it is told and remembers what was asked. */
final class FakeEngine implements Engines, Engine {
  final List<Choice> opened = new ArrayList<>();
  final List<BuildPlan> plans = new ArrayList<>();
  final List<BuildEvent> events = new ArrayList<>();
  final Map<String, String> response = new TreeMap<>();
  final List<String> asked = new ArrayList<>();
  final List<Kept> kept = new ArrayList<>();
  final List<StoredImage> stored = new ArrayList<>();
  @Nullable BuildException failure;
  @Nullable RuntimeException bug;
  Runnable whileBuilding = () -> {};
  String archive = "";
  String networkReport = "{}";
  @Nullable BuildException reportFailure;
  final FakeHistory history = new FakeHistory();
  int closed;

  @Override
  public List<Worker> workers() {
    return List.of(new Worker("w1", List.of("linux/amd64", "linux/arm64"), Map.of()));
  }

  @Override
  public Engine open(Choice choice) {
    opened.add(choice);
    return this;
  }

  @Override
  public History history(Choice choice) {
    opened.add(choice);
    return history;
  }

  @Override
  public Map<String, String> build(
      BuildPlan plan, OutputStream stdout, Consumer<List<BuildEvent>> sink)
      throws InterruptedException {
    plans.add(plan);
    sink.accept(List.copyOf(events));
    whileBuilding.run();
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    if (bug != null) {
      throw bug;
    }
    if (failure != null) {
      throw failure;
    }
    try {
      stdout.write(archive.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return response;
  }

  @Override
  public Bytes networkReport() {
    if (reportFailure != null) {
      throw reportFailure;
    }
    return Bytes.utf8(networkReport);
  }

  @Override
  public List<Kept> usage(List<String> filters) {
    asked.add("usage " + filters);
    return kept;
  }

  @Override
  public List<Kept> prune(Pruning what) {
    asked.add("prune " + what);
    return kept;
  }

  @Override
  public List<StoredImage> images() {
    return List.copyOf(stored);
  }

  @Override
  public void close() {
    closed++;
  }

  /** An image of the store. */
  static StoredImage image(String name, char digit, long age, long size) {
    String id = "sha256:" + String.valueOf(digit).repeat(64);
    return new StoredImage(name, id, Instant.parse("2026-01-01T00:00:00Z").minusSeconds(age), size);
  }
}
