package dev.jbuild.daemon.history;

import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of a build; its log and other long things are {@link Section}s beside it.
 *
 * @param completed null while the build runs
 * @param failure null while all is well
 * @param response of the exporters, by key
 * @param generation counts the changes of the record, from 1; 0 while the build runs
 */
public record BuildRecord(
    String ref,
    Request request,
    Instant created,
    @Nullable Instant completed,
    @Nullable Failure failure,
    SortedMap<String, String> response,
    Counts counts,
    List<Section> sections,
    int generation,
    boolean pinned) {

  public BuildRecord {
    response = Collections.unmodifiableSortedMap(new TreeMap<>(response));
    sections = List.copyOf(sections);
  }

  /**
   * What the client asked for.
   *
   * @param frontend or empty
   * @param attrs of the frontend, with what looks like a secret taken out
   */
  public record Request(
      String frontend,
      SortedMap<String, String> attrs,
      List<Exporter> exporters,
      List<String> entitlements) {
    public Request {
      attrs = Collections.unmodifiableSortedMap(new TreeMap<>(attrs));
      exporters = List.copyOf(exporters);
      entitlements = List.copyOf(entitlements);
    }
  }

  /** One exporter of the request. */
  public record Exporter(String type, SortedMap<String, String> attrs) {
    public Exporter {
      attrs = Collections.unmodifiableSortedMap(new TreeMap<>(attrs));
    }
  }

  /**
   * Why the build failed.
   *
   * @param code of gRPC
   */
  public record Failure(int code, String message) {}

  /** Steps, each counted once, and remarks about the source. */
  public record Counts(int total, int completed, int cached, int warnings) {
    public static final Counts NONE = new Counts(0, 0, 0, 0);
  }

  /** A build that runs. */
  static BuildRecord started(String ref, Request request, Instant created) {
    return new BuildRecord(
        ref,
        request,
        created,
        null,
        null,
        Collections.emptySortedMap(),
        Counts.NONE,
        List.of(),
        0,
        false);
  }

  BuildRecord ended(Instant at, @Nullable Failure why, Map<String, String> answer, Counts steps) {
    return new BuildRecord(
        ref, request, created, at, why, new TreeMap<>(answer), steps, sections, 1, pinned);
  }

  BuildRecord withSections(List<Section> all) {
    return new BuildRecord(
        ref, request, created, completed, failure, response, counts, all, generation, pinned);
  }

  BuildRecord withState(int newGeneration, boolean newPinned) {
    return new BuildRecord(
        ref,
        request,
        created,
        completed,
        failure,
        response,
        counts,
        sections,
        newGeneration,
        newPinned);
  }

  /** The section of a kind, if the record has it. */
  public Optional<Section> section(Section.Kind kind) {
    return sections.stream().filter(section -> section.kind() == kind).findFirst();
  }
}
