package dev.jbuild.daemon.api;

import dev.jbuild.daemon.build.RequestFacts.Skipped;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import moby.buildkit.v1.CacheOptions;
import moby.buildkit.v1.CacheOptionsEntry;
import moby.buildkit.v1.SolveRequest;

/**
 * What requests say of caches elsewhere: none is offered yet. A build goes on without what it would
 * take from one; what it would put there may be waited for by others, so that it must be said that
 * it does not matter. Source: reference wire-control, section 4.
 */
final class CacheRequests {
  private static final Set<String> TYPES =
      Set.of("registry", "inline", "local", "gha", "s3", "azblob");
  private static final String GOES_ON = " is not offered yet: the build goes on without it";

  private CacheRequests() {}

  /**
   * What the build goes on without.
   *
   * @throws BuildException UNIMPLEMENTED for an export whose failure would matter, INVALID for one
   *     of a type that nobody knows
   */
  static List<Skipped> skipped(SolveRequest request) {
    var skipped = new ArrayList<Skipped>();
    CacheOptions cache = request.getCache();
    for (CacheOptionsEntry export : cache.getExportsList()) {
      skipped.add(export(export.getType(), export.getAttrsMap()));
    }
    if (!cache.getExportRefDeprecated().isEmpty()) {
      skipped.add(export("registry", cache.getExportAttrsDeprecatedMap()));
    }
    // Of a client that is the frontend they come again with its graphs, and are shown there.
    if (!request.getFrontend().isEmpty() || request.getDefinition().getDefCount() > 0) {
      for (CacheOptionsEntry each : cache.getImportsList()) {
        skipped.add(imported(each.getAttrsOrDefault("ref", each.getType())));
      }
      cache.getImportRefsDeprecatedList().forEach(ref -> skipped.add(imported(ref)));
    }
    return skipped;
  }

  private static Skipped imported(String name) {
    return new Skipped("importing cache manifest from " + name, "importing a cache" + GOES_ON);
  }

  private static Skipped export(String type, Map<String, String> attrs) {
    if (!TYPES.contains(type)) {
      throw new BuildException(
          Code.INVALID,
          "solve: unknown type '"
              + type
              + "' of a cache to be exported, known are azblob, gha, inline, local, registry, s3");
    }
    if (!ignoresErrors(attrs)) {
      String also = type.equals("inline") ? " and the build argument BUILDKIT_INLINE_CACHE" : "";
      throw new BuildException(
          Code.UNIMPLEMENTED,
          "solve: exporting the cache (type="
              + type
              + ") is not offered yet: leave out --cache-to"
              + also
              + ", or give it ignore-error=true");
    }
    return new Skipped("exporting cache to " + type, "exporting the cache" + GOES_ON);
  }

  private static boolean ignoresErrors(Map<String, String> attrs) {
    return Set.of("1", "t", "T", "true", "TRUE", "True")
        .contains(attrs.getOrDefault("ignore-error", ""));
  }
}
