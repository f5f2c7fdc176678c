package dev.jbuild.dockerfile;

import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Detail;
import dev.jbuild.error.SourceExcerpt;
import dev.jbuild.frontend.FrontendRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What users read when a Dockerfile or an option is wrong. */
class ErrorGoldenTest {

  static List<Path> cases() throws IOException {
    return GoldenCases.of("errors");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void saysWhatIsWrongAndWhere(Path folder) throws Exception {
    FakeBridge bridge = LlbGoldenTest.bridge(folder).noImage("docker.io/library/missing:latest");
    var request = new FrontendRequest(GoldenCases.attrs(folder), Map.of());
    var failure = assertThrows(BuildException.class, () -> Frontends.solve(request, bridge));
    List<String> lines = new ArrayList<>();
    lines.add(failure.code() + " " + failure.message());
    for (Detail detail : failure.details()) {
      if (detail instanceof Detail.Source source) {
        lines.addAll(SourceExcerpt.render(source));
      }
    }
    GoldenCases.check(folder, "expected.txt", String.join("\n", lines) + "\n");
  }
}
