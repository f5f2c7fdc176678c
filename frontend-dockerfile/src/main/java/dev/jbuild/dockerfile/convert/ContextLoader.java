package dev.jbuild.dockerfile.convert;

import dev.jbuild.dockerfile.options.ContextOptions;
import dev.jbuild.dockerfile.remote.GitAddressReader;
import dev.jbuild.dockerfile.remote.RemoteContext;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.frontend.FrontendBridge;
import dev.jbuild.frontend.FrontendBridge.ResolveMode;
import dev.jbuild.frontend.FrontendBridge.ResolvedImage;
import dev.jbuild.ignore.IgnoreFile;
import dev.jbuild.llb.OpNode;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Digest;
import dev.jbuild.oci.ImageConfig;
import dev.jbuild.oci.ImageRef;
import dev.jbuild.oci.Platform;
import dev.jbuild.oci.json.Json;
import dev.jbuild.oci.json.JsonText;
import dev.jbuild.oci.json.OciFormatException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes origins of named contexts. Source: dockerfile-frontend-opts.md, "Named contexts". */
final class ContextLoader {
  private static final String IGNORE_FILE = ".dockerignore";
  private static final String CONFIG_KEY = "containerimage.config";

  private final FrontendBridge bridge;
  private final ContextOptions options;
  private final LocalSources locals;
  private final Map<String, OpNode.Output> inputs;

  ContextLoader(
      FrontendBridge bridge,
      ContextOptions options,
      LocalSources locals,
      Map<String, OpNode.Output> inputs) {
    this.bridge = bridge;
    this.options = options;
    this.locals = locals;
    this.inputs = inputs;
  }

  Origin load(NamedContext context, OriginResolver.Wanted wanted, OriginResolver images)
      throws InterruptedException {
    Platform platform = wanted.platform();
    int colon = context.value().indexOf(':');
    String scheme = colon < 0 ? "" : context.value().substring(0, colon);
    String rest = context.value().substring(colon + 1);
    String path = rest.startsWith("//") ? rest.substring(2) : rest;
    String prefix = "[context " + context.key() + "] ";
    return switch (scheme) {
      case "docker-image" ->
          path.equals("scratch")
              ? OriginResolver.empty(platform)
              : images.image(path, wanted, prefix + "load metadata for ", prefix);
      case "local" -> local(context, rest, platform);
      case "oci-layout" -> layout(context, path, wanted, images);
      case "input" -> input(context, rest, platform);
      case "git", "ssh", "http", "https" -> remote(context, platform);
      default -> {
        if (GitAddressReader.read(context.value()) == null) {
          throw wrong(
              context, "want docker-image://, oci-layout://, local:, input:, a git or http URL");
        }
        yield remote(context, platform);
      }
    };
  }

  private static Origin remote(NamedContext context, Platform platform) {
    OpNode.Output output = RemoteContext.named(context.key(), context.value());
    return new Origin(
        new Origin.Given(output), ImageConfig.scratch(platform), null, platform, new UsedPaths());
  }

  private static BuildException wrong(NamedContext context, String why) {
    return new BuildException(
        Code.INVALID,
        "context '" + context.key() + "': " + why + ", got '" + context.value() + "'");
  }

  private Origin local(NamedContext context, String name, Platform platform)
      throws InterruptedException {
    String prefix = "[context " + context.key() + "] ";
    String hint = "context:" + context.key() + "-";
    OpNode.Output ignoreSource =
        locals.files(
            name, List.of(IGNORE_FILE), hint + IGNORE_FILE, prefix + "load " + IGNORE_FILE);
    Optional<Bytes> ignore = bridge.readFile(ignoreSource, IGNORE_FILE);
    List<String> excludes =
        ignore.isEmpty()
            ? List.of()
            : IgnoreFile.read(
                IGNORE_FILE + " of context '" + context.key() + "'", ignore.get().toUtf8());
    String sharedKey = options.sharedKeys().getOrDefault(context.key(), "");
    var source =
        new Origin.LocalSource(name, hint + sharedKey, excludes, prefix + "load from client");
    return new Origin(
        new Origin.Local(source), ImageConfig.scratch(platform), null, platform, new UsedPaths());
  }

  /** {@code STORE[:tag]@sha256:...}. */
  private Origin layout(
      NamedContext context, String text, OriginResolver.Wanted wanted, OriginResolver images)
      throws InterruptedException {
    int at = text.indexOf('@');
    if (at <= 0) {
      throw wrong(context, "want oci-layout://store@sha256:digest");
    }
    Digest digest;
    try {
      digest = Digest.parse(text.substring(at + 1));
    } catch (IllegalArgumentException e) {
      throw wrong(context, "want oci-layout://store@sha256:digest");
    }
    String store = text.substring(0, at);
    if (store.lastIndexOf(':') > store.lastIndexOf('/')) {
      store = store.substring(0, store.lastIndexOf(':'));
    }
    String prefix = "[context " + context.key() + "] ";
    String reference = "oci-layout://" + store + "@" + digest;
    ResolvedImage resolved =
        bridge.resolveImage(
            reference,
            wanted.platform(),
            ResolveMode.DEFAULT,
            prefix + "load metadata for " + reference);
    var source =
        new Origin.SourceSpec(
            "oci-layout://" + displayName(context) + "@" + digest,
            Map.of("oci.store", store),
            prefix + "OCI load from client",
            false);
    return images.ofConfig(resolved.config(), wanted, source, context.key());
  }

  /** The store's id may differ from session to session; the name does not. */
  private static String displayName(NamedContext context) {
    int platform = context.key().indexOf("::");
    String name = platform < 0 ? context.key() : context.key().substring(0, platform);
    try {
      return ImageRef.parse(name).name();
    } catch (IllegalArgumentException e) {
      return "docker.io/library/context";
    }
  }

  private Origin input(NamedContext context, String name, Platform platform) {
    OpNode.Output output = inputs.get(name);
    if (output == null) {
      throw wrong(context, "the request has no input of this name");
    }
    Bytes config = inputConfig(name);
    var content = new Origin.Given(output);
    if (config == null) {
      return new Origin(content, ImageConfig.scratch(platform), null, platform, new UsedPaths());
    }
    ImageConfig read = OriginResolver.readConfig(config, context.key()).withCreated(null);
    return new Origin(content, read, config, platform, new UsedPaths());
  }

  private @Nullable Bytes inputConfig(String name) {
    String metadata = options.inputMetadata().get(name);
    if (metadata == null) {
      return null;
    }
    try {
      if (JsonText.parse(metadata) instanceof Json.Obj object
          && object.members().get(CONFIG_KEY) instanceof Json.Text text) {
        return Bytes.copyOf(Base64.getDecoder().decode(text.value()));
      }
      return null;
    } catch (OciFormatException | IllegalArgumentException e) {
      throw new BuildException(
          Code.INVALID, "option 'input-metadata:" + name + "': " + e.getMessage(), e);
    }
  }
}
