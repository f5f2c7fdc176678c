package dev.jbuild.daemon.gateway;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.frontend.FrontendResult;
import dev.jbuild.frontend.FrontendResult.PlatformResult;
import dev.jbuild.llb.Definition;
import dev.jbuild.llb.wire.DefinitionEncoder;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Platform;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Frontends' results as they travel: what belongs to an image stands in the metadata. Source:
 * reference dockerfile-frontend-opts, section 6.
 */
final class ResultMetadata {
  private static final String CONFIG = "containerimage.config";
  private static final String BASE_CONFIG = "containerimage.base.config";
  private static final String PLATFORMS = "refs.platforms";
  private static final List<String> ANSWERS = List.of("result.json", "result.txt");

  private ResultMetadata() {}

  /** A result for the client; its platforms are told even when it is one. */
  static GatewayResult<Definition> toClient(FrontendResult result) {
    var metadata = new TreeMap<>(result.metadata());
    var roots = new LinkedHashMap<String, Definition>();
    var platforms = new LinkedHashMap<String, Platform>();
    for (PlatformResult each : result.results()) {
      String id = each.platform().normalized().toString();
      String suffix = result.multiPlatform() ? "/" + id : "";
      if (each.imageConfig().size() > 0) {
        metadata.put(CONFIG + suffix, each.imageConfig());
      }
      if (each.baseConfig() != null) {
        metadata.put(BASE_CONFIG + suffix, each.baseConfig());
      }
      roots.put(id, DefinitionEncoder.encode(each.root()));
      platforms.put(id, each.platform());
    }
    if (roots.isEmpty()) {
      return new GatewayResult<>(new GatewayResult.Nothing<>(), metadata);
    }
    metadata.put(PLATFORMS, PlatformList.write(platforms));
    return new GatewayResult<>(
        result.multiPlatform()
            ? new GatewayResult.ByPlatform<>(roots)
            : new GatewayResult.Single<>(roots.firstEntry().getValue()),
        metadata);
  }

  /**
   * The client's result.
   *
   * @param fallback the platform of a result that says none
   * @throws BuildException INVALID when platforms and results do not match
   */
  static FrontendResult fromClient(GatewayResult<Definition> result, Platform fallback) {
    Map<String, Bytes> metadata = result.metadata();
    Bytes list = metadata.get(PLATFORMS);
    Map<String, Platform> platforms = list == null ? Map.of() : PlatformList.read(list);
    if (isAnswer(result)) {
      return new FrontendResult(List.of(), false, metadata);
    }
    return switch (result.roots()) {
      case GatewayResult.Nothing<Definition> nothing ->
          single(Definition.SCRATCH, platforms, metadata, fallback);
      case GatewayResult.Single<Definition> one ->
          single(one.root(), platforms, metadata, fallback);
      case GatewayResult.ByPlatform<Definition> several ->
          several(several.roots(), platforms, metadata, fallback);
    };
  }

  /** Words about a file instead of an image. */
  private static boolean isAnswer(GatewayResult<Definition> result) {
    boolean empty =
        switch (result.roots()) {
          case GatewayResult.Nothing<Definition> nothing -> true;
          case GatewayResult.Single<Definition> one -> one.root().result() == null;
          case GatewayResult.ByPlatform<Definition> several -> several.roots().isEmpty();
        };
    return empty && ANSWERS.stream().anyMatch(result.metadata()::containsKey);
  }

  private static FrontendResult single(
      Definition root,
      Map<String, Platform> platforms,
      Map<String, Bytes> metadata,
      Platform fallback) {
    Map.Entry<String, Platform> named =
        platforms.size() == 1 ? platforms.entrySet().iterator().next() : null;
    Bytes config = config(metadata, CONFIG, named);
    Platform own = named == null ? PlatformList.ofConfig(config, fallback) : named.getValue();
    var image =
        new PlatformResult(
            own,
            root.toGraph(),
            config == null ? Bytes.empty() : config,
            config(metadata, BASE_CONFIG, named));
    return new FrontendResult(List.of(image), false, rest(metadata));
  }

  private static @Nullable Bytes config(
      Map<String, Bytes> metadata, String key, Map.@Nullable Entry<String, Platform> platform) {
    Bytes plain = metadata.get(key);
    return plain != null || platform == null ? plain : metadata.get(key + "/" + platform.getKey());
  }

  private static FrontendResult several(
      Map<String, Definition> roots,
      Map<String, Platform> listed,
      Map<String, Bytes> metadata,
      Platform fallback) {
    Map<String, Platform> platforms =
        listed.isEmpty() ? PlatformList.ofIds(roots.keySet(), fallback) : listed;
    if (!platforms.keySet().equals(roots.keySet())) {
      throw new BuildException(
          Code.INVALID,
          "return: the metadata '"
              + PLATFORMS
              + "' names "
              + platforms.keySet()
              + ", but the refs are of "
              + roots.keySet());
    }
    var images = new ArrayList<PlatformResult>();
    platforms.forEach(
        (id, platform) -> {
          Definition root = roots.getOrDefault(id, Definition.SCRATCH);
          images.add(
              new PlatformResult(
                  platform,
                  root.toGraph(),
                  metadata.getOrDefault(CONFIG + "/" + id, Bytes.empty()),
                  metadata.get(BASE_CONFIG + "/" + id)));
        });
    return new FrontendResult(images, true, rest(metadata));
  }

  /** What was taken into the images is not passed on. */
  private static Map<String, Bytes> rest(Map<String, Bytes> metadata) {
    var rest = new TreeMap<>(metadata);
    rest.keySet()
        .removeIf(key -> key.equals(PLATFORMS) || isOf(key, CONFIG) || isOf(key, BASE_CONFIG));
    return rest;
  }

  private static boolean isOf(String key, String name) {
    return key.equals(name) || key.startsWith(name + "/");
  }
}
