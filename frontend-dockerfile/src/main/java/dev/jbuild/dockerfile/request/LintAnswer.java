package dev.jbuild.dockerfile.request;

import dev.jbuild.dockerfile.lint.Finding;
import dev.jbuild.dockerfile.parse.SourceFile;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Detail;
import dev.jbuild.error.SourceExcerpt;
import dev.jbuild.frontend.FrontendResult;
import dev.jbuild.llb.SourceRange;
import dev.jbuild.oci.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the checks found, and what keeps the file from being built. */
public final class LintAnswer {
  private LintAnswer() {}

  /**
   * @param failure with its place in the file; null where it can be built
   */
  public static FrontendResult result(
      SourceFile file, List<Finding> findings, @Nullable BuildException failure) {
    boolean clean = findings.isEmpty() && failure == null;
    return Answer.of(
        json(file, findings, failure),
        text(file, findings, failure),
        Map.of("result.statuscode", clean ? "0" : "1"));
  }

  private static Json json(
      SourceFile file, List<Finding> findings, @Nullable BuildException failure) {
    var warnings = new ArrayList<Json>();
    for (Finding finding : findings) {
      var out = new LinkedHashMap<String, Json>();
      out.put("ruleName", new Json.Text(finding.rule().id()));
      out.put("description", new Json.Text(finding.rule().description()));
      out.put("detail", new Json.Text(finding.text()));
      out.put("location", Answer.location(finding.range()));
      warnings.add(new Json.Obj(out));
    }
    var source = new LinkedHashMap<String, Json>();
    source.put("filename", new Json.Text(file.filename()));
    source.put("data", Answer.content(file));
    source.put("language", new Json.Text(file.info().language()));
    var out = new LinkedHashMap<String, Json>();
    out.put("warnings", new Json.Arr(warnings));
    out.put("sources", new Json.Arr(List.of(new Json.Obj(source))));
    if (failure != null) {
      var error = new LinkedHashMap<String, Json>();
      error.put("message", new Json.Text(failure.message()));
      error.put("location", Answer.location(place(file, failure)));
      out.put("buildError", new Json.Obj(error));
    }
    return new Json.Obj(out);
  }

  /** The first place in this file; null when it lies in another one. */
  private static @Nullable SourceRange place(SourceFile file, BuildException failure) {
    for (Detail detail : failure.details()) {
      if (detail instanceof Detail.Source source && source.filename().equals(file.filename())) {
        Detail.Lines lines = source.ranges().getFirst();
        return new SourceRange(
            lines.startLine(), lines.startCharacter(), lines.endLine(), lines.endCharacter());
      }
    }
    return null;
  }

  private static String text(
      SourceFile file, List<Finding> findings, @Nullable BuildException failure) {
    var text = new StringBuilder();
    for (Finding finding : findings) {
      text.append("warning: ").append(finding.rule().id()).append(": ");
      text.append(finding.text()).append('\n');
      text.append(finding.rule().description()).append('\n');
      excerpt(text, file.place(finding.range()));
    }
    if (failure != null) {
      text.append("error: ").append(failure.message()).append('\n');
      for (Detail detail : failure.details()) {
        if (detail instanceof Detail.Source source) {
          excerpt(text, source);
        }
      }
    }
    int count = findings.size();
    text.append(count == 0 ? "no warnings" : count == 1 ? "1 warning" : count + " warnings");
    return text.append(failure == null ? "\n" : ", and the file cannot be built\n").toString();
  }

  private static void excerpt(StringBuilder text, Detail.Source source) {
    SourceExcerpt.render(source).forEach(line -> text.append(line).append('\n'));
    text.append('\n');
  }
}
