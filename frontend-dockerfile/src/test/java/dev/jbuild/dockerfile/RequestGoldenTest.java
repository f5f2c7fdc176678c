package dev.jbuild.dockerfile;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jbuild.error.BuildException;
import dev.jbuild.frontend.FrontendRequest;
import dev.jbuild.frontend.FrontendResult;
import dev.jbuild.oci.Bytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Answers to {@code requestid}: the metadata of a result without images. */
class RequestGoldenTest {

  static List<Path> cases() throws IOException {
    return GoldenCases.of("requests");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void answersWithoutBuilding(Path folder) throws Exception {
    FakeBridge bridge = LlbGoldenTest.bridge(folder).noImage("docker.io/library/missing:latest");
    var request = new FrontendRequest(GoldenCases.attrs(folder), Map.of());
    String text = GoldenCases.read(folder, "Dockerfile");
    String file = Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    var out = new StringBuilder();
    try {
      FrontendResult result = Frontends.solve(request, bridge);
      assertEquals(List.of(), result.results());
      for (Map.Entry<String, Bytes> entry : new TreeMap<>(result.metadata()).entrySet()) {
        String value = entry.getValue().toUtf8().replace(file, "<the file>");
        out.append("--- ").append(entry.getKey()).append('\n').append(value.strip()).append('\n');
      }
    } catch (BuildException e) {
      out.append(e.code()).append(' ').append(e.message()).append('\n');
    }
    assertEquals(List.of(), bridge.warnings(), "an answer warns of nothing");
    GoldenCases.check(folder, "expected.txt", out.toString());
  }
}
