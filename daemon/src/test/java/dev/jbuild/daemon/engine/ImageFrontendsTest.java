package dev.jbuild.daemon.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.frontend.FrontendBridge;
import dev.jbuild.frontend.FrontendRequest;
import dev.jbuild.frontend.FrontendResult;
import dev.jbuild.llb.OpNode;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Platform;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ImageFrontendsTest {
  private static final FrontendResult BUILT = new FrontendResult(List.of(), false, Map.of());

  private final FrontendBridge bridge =
      new FrontendBridge() {
        @Override
        public ResolvedImage resolveImage(
            String reference, Platform platform, ResolveMode mode, String logName) {
          throw new IllegalStateException("no image is asked for");
        }

        @Override
        public Optional<Bytes> readFile(OpNode.Output source, String path) {
          return Optional.empty();
        }

        @Override
        public List<Platform> platforms() {
          return List.of();
        }

        @Override
        public void warn(Warning warning) {}
      };

  private FrontendResult solve(Map<String, String> attrs) throws InterruptedException {
    return new ImageFrontends((request, asked) -> BUILT)
        .solve(new FrontendRequest(attrs, Map.of()), bridge);
  }

  @Test
  void theBuiltInFrontendStandsInForItsImages() throws Exception {
    assertSame(BUILT, solve(Map.of("source", "docker/dockerfile:1.7-labs")));
    assertSame(BUILT, solve(Map.of("source", "docker.io/docker/dockerfile-upstream:master")));
  }

  @Test
  void anImageIsNeeded() {
    var e = assertThrows(BuildException.class, () -> solve(Map.of()));
    assertEquals(Code.INVALID, e.code());
    assertEquals(
        "gateway.v0: the option 'source', the image of the frontend, is missing", e.message());
  }
}
