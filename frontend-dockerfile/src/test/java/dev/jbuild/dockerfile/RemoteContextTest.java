package dev.jbuild.dockerfile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.error.BuildException;
import dev.jbuild.frontend.FrontendRequest;
import dev.jbuild.frontend.FrontendResult;
import dev.jbuild.llb.LlbOp;
import dev.jbuild.llb.OpNode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Contexts that URLs name: what is loaded for them, and what steps copy from. */
class RemoteContextTest {
  private static final String COPYING = "FROM scratch\nCOPY a /\n";

  @Test
  void aRepositoryHoldsDockerfileAndContext() throws Exception {
    var bridge = new FakeBridge().file("git://example.org/r.git#main:sub", "Dockerfile", COPYING);
    FrontendResult result = solve(bridge, "context", "https://example.org/r.git#main:sub");
    assertEquals("git://example.org/r.git#main:sub", context(result).identifier());
    assertEquals(
        List.of(
            "[internal] load git source https://example.org/r.git#main:sub",
            "[internal] load git source https://example.org/r.git#main:sub"),
        bridge.loaded());
  }

  @Test
  void aShortNameOfARepositoryIsCompleted() throws Exception {
    var bridge = new FakeBridge().file("git://github.com/u/r.git#v1", "Dockerfile", COPYING);
    FrontendResult result = solve(bridge, "context", "github.com/u/r#v1");
    assertEquals("https://github.com/u/r.git", context(result).attrs().get("git.fullurl"));
  }

  @Test
  void theGitDirectoryIsKeptWhenAskedFor() throws Exception {
    var bridge = new FakeBridge().file("git://example.org/r.git", "Dockerfile", COPYING);
    FrontendResult result =
        solve(
            bridge,
            "context",
            "git@example.org:r.git",
            "build-arg:BUILDKIT_CONTEXT_KEEP_GIT_DIR",
            "1");
    assertEquals("true", context(result).attrs().get("git.keepgitdir"));
  }

  @Test
  void aSubdirectoryIsOfTheContextAndNotOfTheDockerfile() throws Exception {
    var bridge = new FakeBridge().file("git://example.org/r.git", "Dockerfile", COPYING);
    FrontendResult result =
        solve(bridge, "context", "https://example.org/r.git", "contextsubdir", "x");
    LlbOp.FileOp taken = (LlbOp.FileOp) root(result).inputs().get(0).node().op();
    assertEquals("copy /x /", taken.actions().get(0).describe());
  }

  @Test
  void aLocalDockerfileCanBeForced() throws Exception {
    var bridge = new FakeBridge().file("dockerfile", "Dockerfile", COPYING);
    FrontendResult result =
        solve(bridge, "context", "https://example.org/r.git", "dockerfilekey", "dockerfile");
    assertEquals("git://example.org/r.git", context(result).identifier());
    assertEquals("[internal] load build definition from Dockerfile", bridge.loaded().getFirst());
  }

  @Test
  void aPlainFileIsTheDockerfile() throws Exception {
    var bridge = new FakeBridge().file("https://example.org/x", "context", "FROM scratch\n");
    assertNotNull(solve(bridge, "context", "https://example.org/x"));
    assertEquals("[internal] load remote build context", bridge.loaded().getFirst());
  }

  @Test
  void anArchiveIsUnpacked() throws Exception {
    String tar = "a".repeat(257) + "ustar";
    var bridge = new FakeBridge().file("https://example.org/x.tar", "context", tar);
    bridge.file("dockerfile", "Dockerfile", COPYING);
    FrontendResult result =
        solve(bridge, "context", "https://example.org/x.tar", "dockerfilekey", "dockerfile");
    OpNode unpacked = root(result).inputs().get(0).node();
    assertEquals("copy /context /", ((LlbOp.FileOp) unpacked.op()).actions().get(0).describe());
    assertEquals(
        "https://example.org/x.tar",
        ((LlbOp.SourceOp) unpacked.inputs().get(0).node().op()).identifier());
  }

  @Test
  void nothingAtAUrlIsSaid() {
    var failure =
        assertThrows(
            BuildException.class,
            () -> solve(new FakeBridge(), "context", "https://example.org/gone"));
    assertEquals(
        "option 'context': there is nothing at 'https://example.org/gone'", failure.message());
  }

  @Test
  void aUrlOfAnotherKeyCanBeTheContext() throws Exception {
    var bridge = new FakeBridge().file("git://example.org/r.git", "Dockerfile", COPYING);
    FrontendResult result =
        solve(bridge, "contextkey", "where", "where", "https://example.org/r.git");
    assertEquals("git://example.org/r.git", context(result).identifier());
  }

  private static FrontendResult solve(FakeBridge bridge, String... attrs)
      throws InterruptedException {
    var map = new TreeMap<String, String>();
    for (int i = 0; i < attrs.length; i += 2) {
      map.put(attrs[i], attrs[i + 1]);
    }
    return Frontends.solve(new FrontendRequest(map, Map.of()), bridge);
  }

  private static OpNode root(FrontendResult result) {
    OpNode.Output root = result.results().get(0).root();
    assertNotNull(root);
    return root.node();
  }

  /** The source that the only copy takes from. */
  private static LlbOp.SourceOp context(FrontendResult result) {
    return (LlbOp.SourceOp) root(result).inputs().get(0).node().op();
  }
}
