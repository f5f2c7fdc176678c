package dev.jbuild.dockerfile;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Detail;
import dev.jbuild.error.SourceExcerpt;
import dev.jbuild.frontend.FrontendBridge;
import dev.jbuild.frontend.FrontendRequest;
import dev.jbuild.llb.SourceRange;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What users read of a Dockerfile that could be better. */
class CheckGoldenTest {

  static List<Path> cases() throws IOException {
    return GoldenCases.of("checks");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void remarksOnWhatItShouldAndNothingElse(Path folder) throws Exception {
    FakeBridge bridge = LlbGoldenTest.bridge(folder);
    var lines = new ArrayList<String>();
    String failure = "";
    try {
      Frontends.solve(new FrontendRequest(GoldenCases.attrs(folder), Map.of()), bridge);
    } catch (BuildException e) {
      failure = e.code() + " " + e.message() + "\n";
    }
    String text = GoldenCases.read(folder, "Dockerfile");
    for (FrontendBridge.Warning warning : bridge.warnings()) {
      lines.add(warning.shortText());
      SourceRange range = warning.ranges().getFirst();
      var place =
          new Detail.Lines(
              range.startLine(), range.startCharacter(), range.endLine(), range.endCharacter());
      List<String> excerpt =
          SourceExcerpt.render(new Detail.Source("Dockerfile", text, "", List.of(place)));
      lines.addAll(excerpt.subList(1, excerpt.size()));
    }
    GoldenCases.check(
        folder, "expected.txt", failure + String.join("\n", lines) + (lines.isEmpty() ? "" : "\n"));
  }
}
