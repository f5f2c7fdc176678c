package dev.jbuild.dockerfile.convert;

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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/**
 * Finds images by name, or the named contexts that stand in for them, each once. Errors carry no
 * place: the caller knows it. Not thread safe.
 */
final class OriginResolver {
  private static final String SCRATCH = "scratch";
  private static final String FROM = "FROM ";

  private record Key(String name, Wanted platform) {}

  /**
   * The platform to look for.
   *
   * @param said whether the user said so; else it is only what the worker runs best
   */
  record Wanted(Platform platform, boolean said) {}

  private final FrontendBridge bridge;
  private final NamedContexts contexts;
  private final ContextLoader loader;
  private final ResolveMode mode;
  private final ExecutorService executor;
  private final Map<Key, Origin> known = new HashMap<>();

  OriginResolver(
      FrontendBridge bridge,
      NamedContexts contexts,
      ContextLoader loader,
      ResolveMode mode,
      ExecutorService executor) {
    this.bridge = bridge;
    this.contexts = contexts;
    this.loader = loader;
    this.mode = mode;
    this.executor = executor;
  }

  /**
   * Looks for several at once, so that {@link #find} has them. What is not found is left to it: it
   * is asked for where the place of the error is known.
   */
  void findAll(Map<String, Wanted> names) throws InterruptedException {
    if (names.size() < 2) {
      return;
    }
    var keys = new ArrayList<Key>();
    var lookups = new ArrayList<Callable<Origin>>();
    names.forEach(
        (name, platform) -> {
          var key = new Key(name, platform);
          if (!known.containsKey(key)) {
            keys.add(key);
            lookups.add(() -> lookUp(name, platform));
          }
        });
    List<Future<Origin>> found = executor.invokeAll(lookups);
    for (int i = 0; i < keys.size(); i++) {
      if (found.get(i).state() == Future.State.SUCCESS) {
        known.put(keys.get(i), found.get(i).resultNow());
      }
    }
  }

  /** What FROM or {@code --from} names, which is no stage. */
  Origin find(String name, Wanted platform) throws InterruptedException {
    var key = new Key(name, platform);
    Origin origin = known.get(key);
    if (origin == null) {
      origin = lookUp(name, platform);
      known.put(key, origin);
    }
    return origin;
  }

  /** Changes nothing here: runs on other threads too. */
  private Origin lookUp(String name, Wanted platform) throws InterruptedException {
    NamedContext context = contexts.find(name, platform.platform());
    if (context != null) {
      return loader.load(context, platform, this);
    }
    return name.equals(SCRATCH) ? empty(platform.platform()) : image(name, platform);
  }

  /** What a named context holds. */
  Origin load(NamedContext context, Wanted platform) throws InterruptedException {
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

  private Origin image(String name, Wanted platform) throws InterruptedException {
    return image(name, platform, "[internal] load metadata for ", FROM);
  }

  /**
   * An image of a registry or of the store.
   *
   * @param logPrefix put before the full name while its config is loaded
   * @param prefix put before the full name with digest in the op's name
   */
  Origin image(String name, Wanted platform, String logPrefix, String prefix)
      throws InterruptedException {
    ImageRef ref;
    try {
      ref = ImageRef.parse(name);
    } catch (IllegalArgumentException e) {
      throw new BuildException(Code.INVALID, "'" + name + "' is no image name: " + e.getMessage());
    }
    ResolvedImage resolved =
        bridge.resolveImage(ref.toString(), platform.platform(), mode, logPrefix + ref);
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
  Origin ofConfig(Bytes received, Wanted platform, Origin.SourceSpec source, String name) {
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
  private Platform actual(Wanted wanted, ImageConfig config) {
    Platform image = config.platform().normalized();
    if (wanted.said || image.os().isEmpty() || wanted.platform.normalized().sameMachine(image)) {
      return wanted.platform;
    }
    for (Platform platform : bridge.platforms()) {
      if (platform.normalized().sameMachine(image)) {
        return platform;
      }
    }
    return wanted.platform;
  }
}
