package dev.jbuild.daemon.api;

import com.google.protobuf.ByteString;
import dev.jbuild.daemon.build.ImageConfigs;
import dev.jbuild.daemon.gateway.Gateway;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.frontend.FrontendBridge.ResolveMode;
import dev.jbuild.llb.wire.PlatformCodec;
import dev.jbuild.oci.Platform;
import moby.buildkit.v1.frontend.ResolveImageConfigRequest;
import moby.buildkit.v1.frontend.ResolveImageConfigResponse;
import moby.buildkit.v1.frontend.ResolveSourceImageResponse;
import moby.buildkit.v1.frontend.ResolveSourceMetaRequest;
import moby.buildkit.v1.frontend.ResolveSourceMetaResponse;
import org.jspecify.annotations.Nullable;

/** Answers what sources stand for. Source: reference wire-gateway, section 4, "Resolve". */
final class SourceLookups {
  private static final String IMAGE = "docker-image://";
  private static final String LAYOUT = "oci-layout://";
  private static final int LAYOUT_TYPE = 1;

  private SourceLookups() {}

  static ResolveImageConfigResponse image(Gateway gateway, ResolveImageConfigRequest request)
      throws InterruptedException {
    BridgeMessages.refusePolicies(request.getSourcePoliciesCount());
    String reference =
        request.getResolverType() == LAYOUT_TYPE
            ? layout(request.getRef(), request.getStoreID())
            : request.getRef();
    ImageConfigs.Found found =
        gateway.resolveImage(
            reference,
            request.hasPlatform() ? platform(request.getPlatform()) : null,
            mode(request.getResolveMode()),
            name(request.getLogName(), request.getRef()));
    return ResolveImageConfigResponse.newBuilder()
        .setDigest(found.root().toString())
        .setConfig(ByteString.copyFrom(found.image().config().toArray()))
        .setRef(request.getRef())
        .build();
  }

  static ResolveSourceMetaResponse source(Gateway gateway, ResolveSourceMetaRequest request)
      throws InterruptedException {
    BridgeMessages.refusePolicies(request.getSourcePoliciesCount());
    String identifier = request.getSource().getIdentifier();
    if (identifier.startsWith("local://")) {
      return ResolveSourceMetaResponse.newBuilder().setSource(request.getSource()).build();
    }
    String reference = reference(request);
    ImageConfigs.Found found =
        gateway.resolveImage(
            reference,
            platform(request),
            mode(request.getResolveMode()),
            name(request.getLogName(), identifier));
    var image = ResolveSourceImageResponse.newBuilder().setDigest(found.root().toString());
    if (!request.getImage().getNoConfig()) {
      image.setConfig(ByteString.copyFrom(found.image().config().toArray()));
    }
    return ResolveSourceMetaResponse.newBuilder()
        .setSource(request.getSource())
        .setImage(image)
        .build();
  }

  private static String reference(ResolveSourceMetaRequest request) {
    String identifier = request.getSource().getIdentifier();
    if (identifier.startsWith(IMAGE)) {
      return identifier.substring(IMAGE.length());
    }
    if (identifier.startsWith(LAYOUT)) {
      String store = request.getSource().getAttrsOrDefault("oci.store", "");
      return layout(identifier.substring(LAYOUT.length()), store);
    }
    throw new BuildException(
        Code.UNIMPLEMENTED,
        "resolve source: asking what '" + identifier + "' stands for is not offered yet");
  }

  private static String layout(String reference, String store) {
    int digest = reference.lastIndexOf('@');
    return LAYOUT
        + (store.isEmpty() || digest < 0 ? reference : store + reference.substring(digest));
  }

  private static @Nullable Platform platform(ResolveSourceMetaRequest request) {
    return request.hasPlatform() ? platform(request.getPlatform()) : null;
  }

  private static Platform platform(pb.Platform wire) {
    return PlatformCodec.decode(wire).normalized();
  }

  private static String name(String logName, String what) {
    return logName.isEmpty() ? "resolve image config for " + what : logName;
  }

  private static ResolveMode mode(String text) {
    return switch (text) {
      case "pull" -> ResolveMode.PULL;
      case "local" -> ResolveMode.LOCAL;
      default -> ResolveMode.DEFAULT;
    };
  }
}
