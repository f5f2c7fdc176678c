package dev.jbuild.daemon.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.daemon.build.ToyEngine;
import dev.jbuild.daemon.gateway.GatewayResult.ByPlatform;
import dev.jbuild.daemon.gateway.GatewayResult.Nothing;
import dev.jbuild.daemon.gateway.GatewayResult.Single;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.frontend.FrontendResult;
import dev.jbuild.frontend.FrontendResult.PlatformResult;
import dev.jbuild.llb.Definition;
import dev.jbuild.llb.wire.DefinitionEncoder;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Platform;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ResultMetadataTest {
  private static final Platform AMD64 = new Platform("linux", "amd64", "");
  private static final Platform ARM64 = new Platform("linux", "arm64", "");
  private static final Bytes CONFIG = Bytes.utf8("{\"os\":\"linux\",\"architecture\":\"arm64\"}");

  private final Definition graph = DefinitionEncoder.encode(ToyEngine.op("x"));

  private static PlatformResult image(Platform platform, String base) {
    return new PlatformResult(platform, ToyEngine.op("x"), CONFIG, Bytes.utf8(base));
  }

  private static FrontendResult read(GatewayResult<Definition> result) {
    return ResultMetadata.fromClient(result, AMD64);
  }

  @Test
  void severalPlatformsComeBackAsTheyWent() {
    var sent =
        ResultMetadata.toClient(
            new FrontendResult(
                List.of(image(ARM64, "b1"), image(AMD64, "b2")),
                true,
                Map.of("source.date.epoch", Bytes.utf8("1"))));
    assertEquals(
        Set.of(
            "containerimage.config/linux/arm64",
            "containerimage.config/linux/amd64",
            "containerimage.base.config/linux/arm64",
            "containerimage.base.config/linux/amd64",
            "refs.platforms",
            "source.date.epoch"),
        sent.metadata().keySet());
    FrontendResult back = read(sent);
    assertEquals(
        List.of(ARM64, AMD64), back.results().stream().map(PlatformResult::platform).toList());
    assertEquals(Bytes.utf8("b1"), back.results().get(0).baseConfig());
    assertEquals(CONFIG, back.results().get(1).imageConfig());
    assertEquals(Map.of("source.date.epoch", Bytes.utf8("1")), back.metadata());
    assertEquals(true, back.multiPlatform());
  }

  @Test
  void onePlatformIsPlainAndStillNamed() {
    var sent =
        ResultMetadata.toClient(new FrontendResult(List.of(image(ARM64, "b")), false, Map.of()));
    assertEquals(
        Set.of("containerimage.config", "containerimage.base.config", "refs.platforms"),
        sent.metadata().keySet());
    FrontendResult back = read(sent);
    assertEquals(ARM64, back.results().get(0).platform());
    assertEquals(false, back.multiPlatform());
  }

  @Test
  void aConfigSaysThePlatformWhenNothingElseDoes() {
    var named = new GatewayResult<>(new Single<>(graph), Map.of("containerimage.config", CONFIG));
    assertEquals(ARM64, read(named).results().get(0).platform());
    var bare = new GatewayResult<>(new Single<>(graph), Map.<String, Bytes>of());
    assertEquals(AMD64, read(bare).results().get(0).platform());
    assertNotNull(read(bare).results().get(0).root());
  }

  @Test
  void nothingIsAnEmptyImageUnlessItIsAnAnswer() {
    var empty = new GatewayResult<Definition>(new Nothing<>(), Map.of());
    assertNull(read(empty).results().get(0).root());
    Map<String, Bytes> words = Map.of("result.json", Bytes.utf8("{}"));
    var answer = new GatewayResult<Definition>(new Nothing<>(), words);
    assertEquals(List.of(), read(answer).results());
    assertEquals(words, read(answer).metadata());
    var scratch = new GatewayResult<>(new Single<>(Definition.SCRATCH), words);
    assertEquals(List.of(), read(scratch).results());
  }

  @Test
  void answersTravelWithoutPlatforms() {
    Map<String, Bytes> words = Map.of("result.json", Bytes.utf8("{}"));
    var sent = ResultMetadata.toClient(new FrontendResult(List.of(), false, words));
    assertEquals(new Nothing<Definition>(), sent.roots());
    assertEquals(words, sent.metadata());
  }

  @Test
  void platformsAndRefsMustMatch() {
    Bytes list =
        Bytes.utf8(
            "{\"Platforms\":[{\"ID\":\"linux/amd64\",\"Platform\":{\"os\":\"linux\","
                + "\"architecture\":\"amd64\"}}]}");
    refused(
        Map.of("linux/arm64", graph),
        list,
        "return: the metadata 'refs.platforms' names [linux/amd64], but the refs are of"
            + " [linux/arm64]");
    refused(
        Map.of("a b", graph),
        Bytes.utf8("{}"),
        "return: the metadata 'refs.platforms' is not there, and the ref 'a b' names no platform");
    refused(
        Map.of("a", graph),
        Bytes.utf8("{\"Platforms\":[{}]}"),
        "return: the metadata 'refs.platforms' has a platform without an id of its own, ''");
  }

  private static void refused(Map<String, Definition> roots, Bytes list, String text) {
    var result = new GatewayResult<>(new ByPlatform<>(roots), Map.of("refs.platforms", list));
    var e = assertThrows(BuildException.class, () -> read(result));
    assertEquals(Code.INVALID, e.code());
    assertEquals(text, e.message());
  }
}
