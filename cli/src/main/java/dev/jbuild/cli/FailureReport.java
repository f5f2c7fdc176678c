package dev.jbuild.cli;

import dev.jbuild.cli.progress.LiveProgress;
import dev.jbuild.cli.progress.Step;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.error.Detail;
import dev.jbuild.error.SourceExcerpt;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.OptionalInt;

/**
 * Explains a failed build: the step with its exit code and last output, the place in the
 * Dockerfile, and what would have to be granted. The {@code error:} line is printed by the caller,
 * last.
 */
final class FailureReport {
  private static final String RULE = "------";

  private FailureReport() {}

  static void print(BuildException failure, LiveProgress progress, PrintStream err) {
    var exit = OptionalInt.empty();
    var excerpts = new LinkedHashSet<Detail.Source>();
    var text = new StringBuilder();
    for (Detail detail : failure.details()) {
      if (detail instanceof Detail.ProcessExit process) {
        exit = OptionalInt.of(process.code());
      }
    }
    String verb = failure.code() == Code.PERMISSION_DENIED ? "refused" : "failed";
    var grants = new ArrayList<Detail.MissingGrant>();
    for (Detail detail : failure.details()) {
      switch (detail) {
        case Detail.FailedVertex vertex -> step(verb, vertex, exit, progress, text);
        case Detail.Source source -> excerpts.add(source);
        case Detail.MissingGrant grant -> grants.add(grant);
        case Detail.ProcessExit process -> {}
        case Detail.FailedOp op -> {}
        case Detail.DeniedSource denied -> {}
        case Detail.FailedFrontend frontend -> {}
        case Detail.MissingCapability missing -> {}
        case Detail.UnknownRequest unknown -> {}
        case Detail.Relayed relayed -> {}
      }
    }
    for (Detail.Source source : excerpts) {
      if (!source.ranges().isEmpty()) {
        SourceExcerpt.render(source).forEach(line -> text.append(line).append("\n"));
        text.append(RULE).append("\n");
      }
    }
    grants.forEach(grant -> grant(grant, text));
    err.print(text);
    err.flush();
  }

  private static void step(
      String verb,
      Detail.FailedVertex vertex,
      OptionalInt exit,
      LiveProgress progress,
      StringBuilder text) {
    // A step that ignores the cache is shown under another digest than its own.
    var step =
        progress
            .step(vertex.digest())
            .or(
                () ->
                    progress.failedSteps().stream()
                        .filter(failed -> failed.name().equals(vertex.name()))
                        .findFirst());
    String name = vertex.name().isEmpty() ? step.map(Step::name).orElse("") : vertex.name();
    text.append(RULE)
        .append("\n")
        .append(verb)
        .append(" step: ")
        .append(name.isEmpty() ? vertex.digest() : name);
    exit.ifPresent(code -> text.append("\nexit code: ").append(code));
    text.append("\n");
    step.map(Step::tail)
        .filter(tail -> !tail.isEmpty())
        .ifPresent(
            tail -> {
              text.append("last output:\n");
              tail.forEach(line -> text.append("  ").append(line).append("\n"));
            });
    text.append(RULE).append("\n");
  }

  private static void grant(Detail.MissingGrant grant, StringBuilder text) {
    String side =
        switch (grant.side()) {
          case DAEMON -> "the daemon";
          case REQUEST -> "the request";
        };
    text.append("missing grant: ")
        .append(grant.entitlement())
        .append(", not given by ")
        .append(side)
        .append("\n  to give it: ")
        .append(grant.remedy())
        .append("\n");
  }
}
