package dev.jbuild.dockerfile;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jbuild.frontend.FrontendBridge;
import dev.jbuild.frontend.FrontendRequest;
import dev.jbuild.frontend.FrontendResult;
import dev.jbuild.llb.Definition;
import dev.jbuild.llb.wire.Caps;
import dev.jbuild.llb.wire.DefinitionDecoder;
import dev.jbuild.llb.wire.DefinitionEncoder;
import dev.jbuild.oci.json.Json;
import dev.jbuild.oci.json.JsonText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Graphs, image configs and warnings that Dockerfiles give. */
class LlbGoldenTest {

  static List<Path> cases() throws IOException {
    return GoldenCases.of("llb");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void givesTheExpectedGraphAndConfig(Path folder) throws Exception {
    FakeBridge bridge = bridge(folder);
    var request = new FrontendRequest(GoldenCases.attrs(folder), Map.of());
    FrontendResult result = Frontends.solve(request, bridge);
    GoldenCases.check(folder, "expected.json", JsonText.indented(json(result, bridge)) + "\n");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theGraphSurvivesTheWire(Path folder) throws Exception {
    var request = new FrontendRequest(GoldenCases.attrs(folder), Map.of());
    for (FrontendResult.PlatformResult one : Frontends.solve(request, bridge(folder)).results()) {
      Definition sent = DefinitionEncoder.encode(one.root());
      Definition read = new DefinitionDecoder(Caps.KNOWN).decode(DefinitionEncoder.toBytes(sent));
      assertEquals(sent, read);
    }
  }

  /** Configs in {@code images.json} by reference; every file of the folder is in both locals. */
  static FakeBridge bridge(Path folder) throws Exception {
    var bridge = new FakeBridge();
    for (String name : List.of("Dockerfile", "Dockerfile.dockerignore", ".dockerignore")) {
      if (Files.exists(folder.resolve(name))) {
        String content = GoldenCases.read(folder, name);
        bridge.file("dockerfile", name, content).file("context", name, content);
        bridge.file("other", name, content);
      }
    }
    if (Files.exists(folder.resolve("images.json"))) {
      var images = (Json.Obj) JsonText.parse(GoldenCases.read(folder, "images.json"));
      images.members().forEach((ref, config) -> bridge.image(ref, JsonText.compact(config)));
    }
    return bridge;
  }

  private static Json json(FrontendResult result, FakeBridge bridge) throws Exception {
    var out = new LinkedHashMap<String, Json>();
    for (FrontendResult.PlatformResult one : result.results()) {
      var members = new LinkedHashMap<>(((Json.Obj) GraphJson.of(one.root())).members());
      members.put("config", JsonText.parse(one.imageConfig()));
      out.put(one.platform().toString(), new Json.Obj(members));
    }
    if (result.multiPlatform()) {
      out.put("multiPlatform", new Json.Bool(true));
    }
    result.metadata().forEach((key, value) -> out.put(key, new Json.Text(value.toUtf8())));
    List<Json> warnings = new ArrayList<>();
    for (FrontendBridge.Warning warning : bridge.warnings()) {
      warnings.add(new Json.Text(warning.shortText()));
    }
    if (!warnings.isEmpty()) {
      out.put("warnings", new Json.Arr(warnings));
    }
    return new Json.Obj(out);
  }
}
