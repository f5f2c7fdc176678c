package dev.jbuild.dockerfile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.frontend.FrontendBridge;
import dev.jbuild.frontend.FrontendRequest;
import dev.jbuild.frontend.FrontendResult;
import dev.jbuild.llb.LlbOp;
import dev.jbuild.llb.OpMetadata;
import dev.jbuild.llb.OpNode;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Platform;
import dev.jbuild.oci.json.ImageConfigJson;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the frontend asks of its bridge, and what it can bear. */
class DockerfileFrontendTest {

  @Test
  void readsTheDockerfileAndItsIgnoreFileFromOneSmallSource() throws Exception {
    var bridge = new FakeBridge();
    Frontends.solve("FROM scratch\n", Map.of(), bridge);
    assertEquals(
        List.of(
            "[internal] load build definition from Dockerfile",
            "[internal] load build definition from Dockerfile"),
        bridge.loaded());
  }

  @Test
  void loadsTheIgnoreFileOnlyWhenTheContextIsUsed() throws Exception {
    var bridge = new FakeBridge();
    Frontends.solve("FROM scratch\nCOPY a /\n", Map.of(), bridge);
    assertEquals("[internal] load .dockerignore", bridge.loaded().getLast());
  }

  @Test
  void takesALowerCaseDockerfileWhereThereIsNoOther() throws Exception {
    var bridge = new FakeBridge().file("dockerfile", "sub/dockerfile", "FROM scratch\n");
    var attrs = Map.of("filename", "sub/Dockerfile");
    assertNotNull(Frontends.solve(new FrontendRequest(attrs, Map.of()), bridge));
  }

  @Test
  void aSourceOfAnotherNameCanHoldTheDockerfile() throws Exception {
    var bridge = new FakeBridge().file("files", "Dockerfile", "FROM scratch\n");
    var attrs = Map.of("dockerfilekey", "files");
    assertNotNull(Frontends.solve(new FrontendRequest(attrs, Map.of()), bridge));
  }

  @Test
  void inputsReplaceTheLocalSources() throws Exception {
    OpNode.Output dockerfile = local("in-dockerfile");
    OpNode.Output context = local("in-context");
    var bridge = new FakeBridge().file("in-dockerfile", "Dockerfile", "FROM scratch\nCOPY a /\n");
    var request =
        new FrontendRequest(Map.of(), Map.of("dockerfile", dockerfile, "context", context));
    OpNode.Output root = root(Frontends.solve(request, bridge));
    assertSame(context.node(), root.node().inputs().get(0).node());
    assertEquals(List.of("in-dockerfile", "in-dockerfile"), bridge.loaded());
  }

  @Test
  void aSubdirectoryOfAnInputCanBeTheContext() throws Exception {
    var bridge = new FakeBridge().file("dockerfile", "Dockerfile", "FROM scratch\nCOPY a /\n");
    var request =
        new FrontendRequest(Map.of("contextsubdir", "x/y"), Map.of("context", local("c")));
    OpNode inner = root(Frontends.solve(request, bridge)).node().inputs().get(0).node();
    assertEquals("copy /x/y /", ((LlbOp.FileOp) inner.op()).actions().get(0).describe());
  }

  @Test
  void anInputWithItsConfigCanStandInForAnImage() throws Exception {
    String config =
        "{\"containerimage.config\":\"eyJvcyI6ImxpbnV4IiwiY29uZmlnIjp7IlVzZXIiOiJ1In19\"}";
    var attrs = Map.of("context:base", "input:given", "input-metadata:given", config);
    var bridge = new FakeBridge().file("dockerfile", "Dockerfile", "FROM base\n");
    OpNode.Output given = local("given");
    FrontendResult result =
        Frontends.solve(new FrontendRequest(attrs, Map.of("given", given)), bridge);
    assertEquals(given, root(result));
    Bytes image = result.results().get(0).imageConfig();
    assertEquals("u", ImageConfigJson.read(image).config().user());
  }

  @Test
  void imagesOfUnusedStagesAreNotAskedFor() throws Exception {
    var bridge = new FakeBridge();
    Frontends.solve("FROM unused AS a\nFROM used\n", Map.of(), bridge);
    assertEquals(
        List.of(
            "docker.io/library/used:latest linux/amd64 DEFAULT"
                + " [internal] load metadata for docker.io/library/used:latest"),
        bridge.resolved());
  }

  @Test
  void anImageIsAskedForOnce() throws Exception {
    var bridge = new FakeBridge();
    String text = "FROM a AS x\nFROM a\nCOPY --from=a /1 /\nCOPY --from=x /2 /\n";
    Frontends.solve(text, Map.of(), bridge);
    assertEquals(1, bridge.resolved().size());
  }

  @Test
  void severalImagesAreAskedForAtOnce() throws Exception {
    var together = new CountDownLatch(2);
    var bridge = new FakeBridge().file("dockerfile", "Dockerfile", "");
    FrontendBridge waiting =
        new FrontendBridge() {
          @Override
          public ResolvedImage resolveImage(
              String reference, Platform platform, ResolveMode mode, String logName)
              throws InterruptedException {
            together.countDown();
            assertTrue(together.await(10, TimeUnit.SECONDS), "only one look-up at a time");
            return bridge.resolveImage(reference, platform, mode, logName);
          }

          @Override
          public Optional<Bytes> readFile(OpNode.Output source, String path) {
            return bridge.readFile(source, path);
          }

          @Override
          public List<Platform> platforms() {
            return bridge.platforms();
          }

          @Override
          public void warn(Warning warning) {
            bridge.warn(warning);
          }
        };
    bridge.file("dockerfile", "Dockerfile", "FROM a AS x\nFROM b\nCOPY --from=x /1 /\n");
    assertNotNull(Frontends.solve(new FrontendRequest(Map.of(), Map.of()), waiting));
  }

  @Test
  void mistakesAreFoundBeforeAnyImageIsAskedFor() {
    var bridge = new FakeBridge();
    assertThrows(
        BuildException.class,
        () -> Frontends.solve("FROM a\nRUN --mount=type=x,target=/y z\n", Map.of(), bridge));
    assertEquals(List.of(), bridge.resolved());
  }

  @Test
  void anImageOfAnotherMachineIsTakenWhereTheWorkerRunsIt() throws Exception {
    var bridge =
        new FakeBridge()
            .platforms(new Platform("linux", "amd64", ""), new Platform("linux", "arm64", ""))
            .image("docker.io/library/a:latest", FakeBridge.PLAIN_CONFIG.replace("amd64", "arm64"));
    FrontendResult result = Frontends.solve("FROM a\nRUN x\n", Map.of(), bridge);
    assertEquals(new Platform("linux", "arm64", ""), root(result).node().platform());
  }

  @Test
  void aPlatformThatIsSaidIsKept() throws Exception {
    var bridge = new FakeBridge();
    String text = "FROM --platform=linux/arm64 a\nRUN x\n";
    FrontendResult result = Frontends.solve(text, Map.of(), bridge);
    assertEquals(new Platform("linux", "arm64", ""), root(result).node().platform());
  }

  @Test
  void syntaxOfTheFieldsFrontendIsServed() throws Exception {
    for (String syntax :
        List.of(
            "docker/dockerfile:1",
            "docker/dockerfile",
            "docker.io/docker/dockerfile:1.7-labs",
            "docker/dockerfile-upstream:master",
            "docker/dockerfile:1@sha256:" + "a".repeat(64))) {
      String text = "# syntax=" + syntax + "\nFROM scratch\n";
      assertNotNull(Frontends.solve(text, Map.of(), new FakeBridge()));
    }
    var failure =
        assertThrows(
            BuildException.class,
            () ->
                Frontends.solve(
                    "FROM scratch\n",
                    Map.of("build-arg:BUILDKIT_SYNTAX", "other/frontend"),
                    new FakeBridge()));
    assertEquals(Code.UNIMPLEMENTED, failure.code());
  }

  @Test
  void aLaterInstructionChangesNoEarlierOp() throws Exception {
    String start = "FROM a\nRUN one\nCOPY x /x\n";
    OpNode.Output before = root(Frontends.solve(start, Map.of(), new FakeBridge()));
    String more = start + "ENV a=b\nLABEL c=d\nUSER e\n";
    OpNode.Output after = root(Frontends.solve(more, Map.of(), new FakeBridge()));
    assertEquals(before.node().op(), after.node().op());
    assertEquals(
        before.node().inputs().get(0).node().op(), after.node().inputs().get(0).node().op());
  }

  @Test
  void variablesDoNotChangeACopy() throws Exception {
    OpNode.Output one =
        root(Frontends.solve("FROM a\nENV v=1\nCOPY x /x\n", Map.of(), new FakeBridge()));
    OpNode.Output two =
        root(Frontends.solve("FROM a\nENV v=2\nCOPY x /x\n", Map.of(), new FakeBridge()));
    assertEquals(one.node().op(), two.node().op());
  }

  @Test
  void scratchGivesNoGraph() throws Exception {
    FrontendResult result = Frontends.solve("FROM scratch\n", Map.of(), new FakeBridge());
    assertNull(result.results().get(0).root());
    assertNull(result.results().get(0).baseConfig());
  }

  @Test
  void thousandsOfStepsTakeNoRecursionAndLittleTime() {
    String text = "FROM a\n" + "RUN x\n".repeat(2_000) + "ENV a=b\n".repeat(8_000);
    assertTimeoutPreemptively(
        Duration.ofSeconds(10),
        () -> {
          OpNode.Output at = root(Frontends.solve(text, Map.of(), new FakeBridge()));
          int depth = 0;
          while (!at.node().inputs().isEmpty()) {
            at = at.node().inputs().get(0);
            depth++;
          }
          assertEquals(2_000, depth);
        });
  }

  @Test
  void manyStagesAreBounded() {
    var failure =
        assertThrows(
            BuildException.class,
            () -> Frontends.solve("FROM scratch\n".repeat(2_001), Map.of(), new FakeBridge()));
    assertEquals("Dockerfile:2001: more than 2000 stages", failure.message());
  }

  @Test
  void manyMistakesAreCountedToABound() {
    String text = "FROM a\n" + "RUM x\n".repeat(100_000);
    assertTimeoutPreemptively(
        Duration.ofSeconds(10),
        () -> {
          var failure =
              assertThrows(
                  BuildException.class, () -> Frontends.solve(text, Map.of(), new FakeBridge()));
          List<String> lines = failure.message().lines().toList();
          assertEquals(21, lines.size());
          assertEquals("and 1000 more", lines.getLast());
        });
  }

  @Test
  void checksTakeTimeInProportionToTheFile() {
    String text =
        "FROM a\nRUN "
            + "a.".repeat(100_000)
            + "\nRUN <<EOF\n"
            + "curl http://localhost/\n".repeat(20_000)
            + "EOF\nRUN --network=none <<EOF\n"
            + "curl x; ".repeat(40_000)
            + "\nEOF\nARG none\n"
            + "LABEL l=$none\n".repeat(5_000)
            + "ENV a=b\n".repeat(5_000);
    assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> {
          var bridge = new FakeBridge();
          Frontends.solve(text, Map.of(), bridge);
          assertEquals(200, bridge.warnings().size());
        });
  }

  @Test
  void manyLongValuesAreBounded() {
    String text = "FROM a\nENV v=" + "x".repeat(900_000) + "\n" + "LABEL l=$v\n".repeat(200);
    var failure =
        assertThrows(BuildException.class, () -> Frontends.solve(text, Map.of(), new FakeBridge()));
    assertTrue(
        failure.message().endsWith("variables expand to more than 8388608 characters in all"),
        failure.message());
  }

  @ParameterizedTest
  @ValueSource(strings = {"LABEL l=${none+$v}", "RUN $v", "RUN $v ${"})
  void longValuesOfWhichNothingStaysAreBounded(String line) {
    String text = "FROM a\nENV v=" + "x".repeat(900_000) + "\n" + (line + "\n").repeat(200);
    var failure =
        assertThrows(BuildException.class, () -> Frontends.solve(text, Map.of(), new FakeBridge()));
    assertTrue(
        failure.message().endsWith("variables expand to more than 8388608 characters in all"),
        failure.message());
  }

  @Test
  void aRemarkIsMadeOnceForSeveralPlatforms() throws Exception {
    var bridge = new FakeBridge();
    String text = "FROM scratch\nLABEL x=$no\n";
    Frontends.solve(text, Map.of("platform", "linux/amd64,linux/arm64"), bridge);
    assertEquals(1, bridge.warnings().size());
    FrontendBridge.Warning warning = bridge.warnings().get(0);
    assertEquals("UndefinedVar: '$no' is not set (line 2)", warning.shortText());
    assertEquals(2, warning.ranges().get(0).startLine());
  }

  private static OpNode.Output local(String name) {
    var op = new LlbOp.SourceOp("local://" + name, Map.of());
    return new OpNode(op, List.of(), null, OpMetadata.named(name), List.of()).output(0);
  }

  private static OpNode.Output root(FrontendResult result) {
    OpNode.Output root = result.results().get(0).root();
    assertNotNull(root);
    return root;
  }
}
