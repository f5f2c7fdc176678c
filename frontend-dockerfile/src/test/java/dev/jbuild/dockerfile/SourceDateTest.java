package dev.jbuild.dockerfile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.jbuild.frontend.FrontendRequest;
import dev.jbuild.frontend.FrontendResult;
import dev.jbuild.llb.LlbOp;
import dev.jbuild.oci.Bytes;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** {@code SOURCE_DATE_EPOCH=context}: the time of what was committed or uploaded. */
class SourceDateTest {
  private static final String EPOCH = "build-arg:SOURCE_DATE_EPOCH";
  private static final String REPOSITORY = "https://example.org/r.git";
  private static final String ARCHIVE = "https://example.org/x.tar";
  private static final String TAR = "a".repeat(257) + "ustar";
  private static final String COPYING = "FROM scratch\nCOPY a /\n";
  private static final Instant THEN = Instant.ofEpochSecond(1_700_000_000L, 5);

  @Test
  void aRepositoryHasTheTimeOfItsCommit() throws Exception {
    var bridge = new FakeBridge().file("git://example.org/r.git", "Dockerfile", COPYING);
    bridge.newest("git://example.org/r.gitcommit", THEN);
    FrontendResult result = solve(bridge, Map.of("context", REPOSITORY, EPOCH, "context"));
    assertEquals("1700000000", epoch(result));
    assertEquals("commit", copied(result).attrs().get("git.mtime"));
  }

  @Test
  void theFileItselfCanSayIt() throws Exception {
    String text = "ARG SOURCE_DATE_EPOCH=context\n" + COPYING;
    var bridge = new FakeBridge().file("git://example.org/r.git", "Dockerfile", text);
    bridge.newest("git://example.org/r.gitcommit", THEN);
    assertEquals("1700000000", epoch(solve(bridge, Map.of("context", REPOSITORY))));
  }

  @Test
  void filesOfACommitHaveItsTimeWhereverATimeIsSet() throws Exception {
    var bridge = new FakeBridge().file("git://example.org/r.git", "Dockerfile", COPYING);
    FrontendResult result = solve(bridge, Map.of("context", REPOSITORY, EPOCH, "42"));
    assertEquals("commit", copied(result).attrs().get("git.mtime"));
  }

  @Test
  void theUrlCanSayOtherwise() throws Exception {
    var bridge = new FakeBridge().file("git://example.org/r.git", "Dockerfile", COPYING);
    String url = REPOSITORY + "?mtime=checkout";
    FrontendResult result = solve(bridge, Map.of("context", url, EPOCH, "42"));
    assertEquals("checkout", copied(result).attrs().get("git.mtime"));
  }

  @Test
  void anArchiveHasTheTimeThatItsServerSays() throws Exception {
    var bridge = archive().newest(ARCHIVE, THEN).newest("unpacked", Instant.EPOCH);
    assertEquals("1700000000", epoch(solve(bridge, archiveAttrs())));
  }

  @Test
  void anArchiveWithoutOneHasThatOfItsNewestFile() throws Exception {
    var bridge = archive().newest(ARCHIVE, Instant.EPOCH).newest("unpacked", THEN);
    assertEquals("1700000000", epoch(solve(bridge, archiveAttrs())));
  }

  @Test
  void aNamedContextCanGiveIt() throws Exception {
    var bridge = new FakeBridge().file("dockerfile", "Dockerfile", COPYING);
    bridge.newest("git://example.org/r.gitcommit", THEN);
    assertEquals(
        "1700000000", epoch(solve(bridge, Map.of("context:src", REPOSITORY, EPOCH, "src"))));
  }

  @Test
  void filesOfTheClientHaveNone() throws Exception {
    var bridge = new FakeBridge().file("dockerfile", "Dockerfile", COPYING);
    FrontendResult result = solve(bridge, Map.of(EPOCH, "context"));
    assertFalse(result.metadata().containsKey("source.date.epoch"));
  }

  private static FakeBridge archive() {
    var bridge = new FakeBridge().file(ARCHIVE, "context", TAR);
    return bridge.file("dockerfile", "Dockerfile", COPYING);
  }

  private static Map<String, String> archiveAttrs() {
    return Map.of("context", ARCHIVE, EPOCH, "context", "dockerfilekey", "dockerfile");
  }

  private static FrontendResult solve(FakeBridge bridge, Map<String, String> attrs)
      throws InterruptedException {
    return Frontends.solve(new FrontendRequest(new HashMap<>(attrs), Map.of()), bridge);
  }

  private static String epoch(FrontendResult result) {
    Bytes epoch = result.metadata().get("source.date.epoch");
    assertNotNull(epoch);
    return epoch.toUtf8();
  }

  private static LlbOp.SourceOp copied(FrontendResult result) {
    var root = result.results().getFirst().root();
    assertNotNull(root);
    return (LlbOp.SourceOp) root.node().inputs().getFirst().node().op();
  }
}
