package dev.jbuild.daemon.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import moby.buildkit.v1.CacheOptions;
import moby.buildkit.v1.CacheOptionsEntry;
import moby.buildkit.v1.SolveRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CacheRequestsTest {
  private ApiHarness api;

  @BeforeEach
  void start() throws IOException {
    api = new ApiHarness();
  }

  @AfterEach
  void stop() {
    api.close();
  }

  private static SolveRequest exporting(String ref, String type, Map<String, String> attrs) {
    var entry = CacheOptionsEntry.newBuilder().setType(type).putAllAttrs(attrs);
    return ApiHarness.graph(ref, "print")
        .setCache(CacheOptions.newBuilder().addExports(entry))
        .build();
  }

  private void refused(String text, Status.Code code, SolveRequest request) {
    var failure = assertThrows(StatusRuntimeException.class, () -> api.control().solve(request));
    assertEquals(text, failure.getStatus().getDescription());
    assertEquals(code, failure.getStatus().getCode());
  }

  /** What was done, and its error or nothing. */
  private Map<String, String> errors(String ref) {
    var errors = new TreeMap<String, String>();
    api.status(ref).getVertexesList().forEach(each -> errors.put(each.getName(), each.getError()));
    return errors;
  }

  @Test
  void anExportThatMattersIsRefusedWithWhatToLeaveOut() {
    refused(
        "solve: exporting the cache (type=registry) is not offered yet: leave out --cache-to, or"
            + " give it ignore-error=true",
        Status.Code.UNIMPLEMENTED,
        exporting("c1", "registry", Map.of("ref", "r.example/c")));
    refused(
        "solve: exporting the cache (type=inline) is not offered yet: leave out --cache-to and the"
            + " build argument BUILDKIT_INLINE_CACHE, or give it ignore-error=true",
        Status.Code.UNIMPLEMENTED,
        exporting("c2", "inline", Map.of("ignore-error", "false")));
    refused(
        "solve: unknown type 'bogus' of a cache to be exported, known are azblob, gha, inline,"
            + " local, registry, s3",
        Status.Code.INVALID_ARGUMENT,
        exporting("c3", "bogus", Map.of("ignore-error", "true")));
  }

  @Test
  void anExportWhoseErrorsAreIgnoredIsShownAsSkipped() {
    api.control().solve(exporting("c4", "registry", Map.of("ignore-error", "true")));
    assertEquals(
        Map.of(
            "exporting cache to registry",
            "exporting the cache is not offered yet: the build goes on without it",
            "toy print",
            ""),
        errors("c4"));
  }

  @Test
  void importsAreSkippedWhoeverAsks() {
    var entry = CacheOptionsEntry.newBuilder().setType("registry").putAttrs("ref", "r.example/c");
    api.control()
        .solve(
            ApiHarness.graph("c5", "print")
                .setCache(CacheOptions.newBuilder().addImports(entry))
                .build());
    assertEquals(
        Map.of(
            "importing cache manifest from r.example/c",
            "importing a cache is not offered yet: the build goes on without it",
            "toy print",
            ""),
        errors("c5"));
  }
}
