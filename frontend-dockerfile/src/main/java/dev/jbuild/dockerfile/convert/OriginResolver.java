package dev.jbuild.dockerfile.convert;

import dev.jbuild.dockerfile.options.BuildOptions;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.frontend.FrontendBridge;
import dev.jbuild.frontend.FrontendBridge.ResolveMode;
import dev.jbuild.frontend.FrontendBridge.ResolvedImage;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.History;
import dev.jbuild.oci.ImageConfig;
import dev.jbuild.oci.ImageRef;
import dev.jbuild.oci.Platform;
import dev.jbuild.oci.json.ImageConfigJson;
import dev.jbuild.oci.json.OciFormatException;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Finds images by name, or the named contexts that stand in for them, each once. Errors carry no
 * place: the caller knows it. Not thread safe.
 */
final class OriginResolver {
  private static final String SCRATCH = "scratch";
  private static final String FROM = "FROM ";

  private record Key(String name, Platform platform) {}

  private final FrontendBridge bridge;
  private final NamedContexts contexts;
  private final ContextLoader loader;
  private final ResolveMode mode;
  private final boolean platformGiven;
  private final Map<Key, Origin> known = new HashMap<>();

  OriginResolver(
      FrontendBridge bridge, NamedContexts contexts, ContextLoader loader, BuildOptions options) {
    this.bridge = bridge;
    this.contexts = contexts;
    this.loader = loader;
    this.mode = options.resolveMode();
    this.platformGiven = !options.platforms().isEmpty();
  }

  /** What FROM or {@code --from} names, which is no stage. */
  Origin find(String name, Platform platform) throws InterruptedException {
    var key = new Key(name, platform);
    Origin origin = known.get(key);
    if (origin == null) {
      NamedContext context = contexts.find(name, platform);
      if (context != null) {
        origin = load(context, platform);
      } else if (name.equals(SCRATCH)) {
        origin = empty(platform);
      } else {
        origin = image(name, platform);
      }
      known.put(key, origin);
    }
    return origin;
  }

  /** What a named context holds. */
  Origin load(NamedContext context, Platform platform) throws InterruptedException {
    var key = new Key("context:" + context.key(), platform);
    Origin origin = known.get(key);
    if (origin == null) {
      origin = loader.load(context, platform, this);
      known.put(key, origin);
    }
    return origin;
  }

  static Origin empty(Platform platform) {
    return new Origin(
        new Origin.Empty(), ImageConfig.scratch(platform), null, platform, new UsedPaths());
  }

  private Origin image(String name, Platform platform) throws InterruptedException {
    return image(name, platform, "[internal] load metadata for ", FROM);
  }

  /**
   * An image of a registry or of the store.
   *
   * @param logPrefix put before the full name while its config is loaded
   * @param prefix put before the full name with digest in the op's name
   */
  Origin image(String name, Platform platform, String logPrefix, String prefix)
      throws InterruptedException {
    ImageRef ref;
    try {
      ref = ImageRef.parse(name);
    } catch (IllegalArgumentException e) {
      throw new BuildException(Code.INVALID, "'" + name + "' is no image name: " + e.getMessage());
    }
    ResolvedImage resolved = bridge.resolveImage(ref.toString(), platform, mode, logPrefix + ref);
    ImageRef pinned = ImageRef.parse(resolved.reference()).withDigest(resolved.digest());
    var attrs = new TreeMap<String, String>();
    switch (mode) {
      case DEFAULT -> {}
      case PULL -> attrs.put("image.resolvemode", "pull");
      case LOCAL -> attrs.put("image.resolvemode", "local");
    }
    var source =
        new Origin.SourceSpec(
            "docker-image://" + pinned, attrs, prefix + pinned, prefix.equals(FROM));
    return ofConfig(resolved.config(), platform, source, name);
  }

  /** An image whose config is known. */
  Origin ofConfig(Bytes received, Platform platform, Origin.SourceSpec source, String name) {
    ImageConfig config = readConfig(received, name).withCreated(null);
    boolean noLayers =
        config.diffIds().isEmpty() && config.history().stream().allMatch(History::emptyLayer);
    Origin.Content content = noLayers ? new Origin.Empty() : new Origin.Image(source);
    return new Origin(content, config, received, actual(platform, config), new UsedPaths());
  }

  static ImageConfig readConfig(Bytes received, String name) {
    try {
      return ImageConfigJson.read(received);
    } catch (OciFormatException e) {
      throw new BuildException(
          Code.DATA_LOSS, "config of image '" + name + "': " + e.getMessage(), e);
    }
  }

  /**
   * A single-platform image of another machine that the worker can run is taken for what it is,
   * unless the user said a platform.
   */
  private Platform actual(Platform wanted, ImageConfig config) {
    Platform image = config.platform().normalized();
    if (platformGiven || image.os().isEmpty() || wanted.normalized().sameMachine(image)) {
      return wanted;
    }
    for (Platform platform : bridge.platforms()) {
      if (platform.normalized().sameMachine(image)) {
        return platform;
      }
    }
    return wanted;
  }
}
