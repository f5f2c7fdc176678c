package dev.jbuild.solver.llb;

import dev.jbuild.error.Detail;
import dev.jbuild.llb.Definition.EncodedOp;
import dev.jbuild.llb.SourceInfo;
import dev.jbuild.llb.SourceLocation;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * What a failure is about: a step, and where it stands in a source file, or the request itself.
 *
 * @param subject begins a sentence: {@code 'RUN true'} or {@code the request}
 * @param origin the step and its sources, for clients; innermost first
 */
public record Place(String subject, List<Detail> origin) {
  private static final Place REQUEST = new Place("the request", List.of());

  public Place {
    origin = List.copyOf(origin);
  }

  /** Not a step: what the client asked for the whole build. */
  public static Place request() {
    return REQUEST;
  }

  /** The step that this op is. */
  public static Place of(EncodedOp op) {
    return of(op, info -> info.data().toUtf8());
  }

  /**
   * @param texts the text of a source file: many steps share one
   */
  static Place of(EncodedOp op, Function<SourceInfo, String> texts) {
    var origin = new ArrayList<Detail>();
    origin.add(new Detail.FailedVertex(op.digest().toString(), op.displayName()));
    for (SourceLocation location : op.locations()) {
      if (!location.ranges().isEmpty()) {
        var lines =
            location.ranges().stream()
                .map(
                    range ->
                        new Detail.Lines(
                            range.startLine(),
                            range.startCharacter(),
                            range.endLine(),
                            range.endCharacter()))
                .toList();
        SourceInfo info = location.info();
        origin.add(new Detail.Source(info.filename(), texts.apply(info), info.language(), lines));
      }
    }
    return new Place("'" + op.displayName() + "'", origin);
  }

  /** {@code Dockerfile:3: 'RUN true'}, or only the subject where no line is known. */
  @Override
  public String toString() {
    for (Detail detail : origin) {
      if (detail instanceof Detail.Source source) {
        return source.filename() + ":" + source.ranges().getFirst().startLine() + ": " + subject;
      }
    }
    return subject;
  }
}
