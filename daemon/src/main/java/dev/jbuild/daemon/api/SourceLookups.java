package dev.jbuild.daemon.api;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.jbuild.daemon.build.ImageConfigs;
import dev.jbuild.daemon.gateway.Gateway;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.frontend.FrontendBridge.ResolveMode;
import dev.jbuild.llb.LlbOp.SourceOp;
import dev.jbuild.llb.wire.PlatformCodec;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Platform;
import dev.jbuild.source.SourceFacts;
import dev.jbuild.source.SourceQuestion;
import java.time.Instant;
import java.util.Map;
import moby.buildkit.v1.frontend.ChecksumRequest;
import moby.buildkit.v1.frontend.ChecksumResponse;
import moby.buildkit.v1.frontend.ResolveImageConfigRequest;
import moby.buildkit.v1.frontend.ResolveImageConfigResponse;
import moby.buildkit.v1.frontend.ResolveSourceGitResponse;
import moby.buildkit.v1.frontend.ResolveSourceHTTPResponse;
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
    SourceOp source =
        gateway.admit(asked(request), BridgeMessages.policies(request.getSourcePoliciesList()));
    if (!isImage(source)) {
      throw new BuildException(
          Code.INVALID,
          "resolve image config: '"
              + request.getRef()
              + "' became '"
              + source.identifier()
              + "' by a source policy, which is no image");
    }
    String reference = reference(source);
    ImageConfigs.Found found =
        gateway.resolveImage(
            reference,
            request.hasPlatform() ? platform(request.getPlatform()) : null,
            mode(request.getResolveMode()),
            name(request.getLogName(), request.getRef()));
    return ResolveImageConfigResponse.newBuilder()
        .setDigest(found.root().toString())
        .setConfig(ByteString.copyFrom(found.image().config().toArray()))
        .setRef(changed(source, asked(request)) ? name(source) : request.getRef())
        .build();
  }

  static ResolveSourceMetaResponse source(Gateway gateway, ResolveSourceMetaRequest request)
      throws InterruptedException {
    var asked =
        new SourceOp(request.getSource().getIdentifier(), request.getSource().getAttrsMap());
    SourceOp source =
        gateway.admit(asked, BridgeMessages.policies(request.getSourcePoliciesList()));
    pb.SourceOp answered =
        changed(source, asked)
            ? pb.SourceOp.newBuilder()
                .setIdentifier(source.identifier())
                .putAllAttrs(source.attrs())
                .build()
            : request.getSource();
    if (source.identifier().startsWith("local://")) {
      return ResolveSourceMetaResponse.newBuilder().setSource(answered).build();
    }
    if (!isImage(source)) {
      return described(gateway, request, answered);
    }
    ImageConfigs.Found found =
        gateway.resolveImage(
            reference(source),
            platform(request),
            mode(request.getResolveMode()),
            name(request.getLogName(), source.identifier()));
    var image = ResolveSourceImageResponse.newBuilder().setDigest(found.root().toString());
    if (!request.getImage().getNoConfig()) {
      image.setConfig(ByteString.copyFrom(found.image().config().toArray()));
    }
    return ResolveSourceMetaResponse.newBuilder().setSource(answered).setImage(image).build();
  }

  private static SourceOp asked(ResolveImageConfigRequest request) {
    if (request.getResolverType() != LAYOUT_TYPE) {
      return new SourceOp(IMAGE + request.getRef(), Map.of());
    }
    return new SourceOp(
        LAYOUT + request.getRef(),
        Map.of("oci.store", request.getStoreID(), "oci.session", request.getSessionID()));
  }

  private static boolean isImage(SourceOp source) {
    return source.identifier().startsWith(IMAGE) || source.identifier().startsWith(LAYOUT);
  }

  private static boolean changed(SourceOp source, SourceOp asked) {
    return !source.equals(asked);
  }

  private static ResolveSourceMetaResponse described(
      Gateway gateway, ResolveSourceMetaRequest request, pb.SourceOp source)
      throws InterruptedException {
    String identifier = source.getIdentifier();
    String shown = identifier.replaceFirst("://[^/@]*@", "://");
    SourceFacts facts =
        gateway.describe(
            identifier,
            source.getAttrsMap(),
            new SourceQuestion(request.getGit().getReturnObject(), hash(request)),
            request.getLogName().isEmpty()
                ? "resolve source metadata for " + shown
                : request.getLogName());
    var response = ResolveSourceMetaResponse.newBuilder().setSource(source);
    return switch (facts) {
      case SourceFacts.Git git -> response.setGit(git(git)).build();
      case SourceFacts.Web web -> response.setHTTP(web(web, request)).build();
      case SourceFacts.Blob blob -> response.build();
    };
  }

  private static SourceQuestion.@Nullable Hash hash(ResolveSourceMetaRequest request) {
    if (!request.getHTTP().hasChecksumRequest()) {
      return null;
    }
    ChecksumRequest asked = request.getHTTP().getChecksumRequest();
    var algorithm =
        switch (asked.getAlgo()) {
          case SHA256 -> SourceQuestion.Algorithm.SHA256;
          case SHA384 -> SourceQuestion.Algorithm.SHA384;
          case SHA512 -> SourceQuestion.Algorithm.SHA512;
          case UNRECOGNIZED ->
              throw new BuildException(
                  Code.INVALID,
                  "resolve source: unknown checksum algorithm "
                      + asked.getAlgoValue()
                      + ", want 0 for sha256, 1 for sha384 or 2 for sha512");
        };
    try {
      return new SourceQuestion.Hash(algorithm, Bytes.copyOf(asked.getSuffix().toByteArray()));
    } catch (IllegalArgumentException e) {
      throw new BuildException(Code.INVALID, "resolve source: " + e.getMessage(), e);
    }
  }

  private static ResolveSourceGitResponse git(SourceFacts.Git git) {
    return ResolveSourceGitResponse.newBuilder()
        .setRef(git.ref())
        .setChecksum(git.object())
        .setCommitChecksum(git.commit())
        .setCommitObject(ByteString.copyFrom(git.commitObject().toArray()))
        .setTagObject(ByteString.copyFrom(git.tagObject().toArray()))
        .build();
  }

  private static ResolveSourceHTTPResponse web(
      SourceFacts.Web web, ResolveSourceMetaRequest request) {
    var response =
        ResolveSourceHTTPResponse.newBuilder().setChecksum(web.checksum()).setFilename(web.name());
    Instant modified = web.modified();
    if (modified != null) {
      response.setLastModified(
          Timestamp.newBuilder()
              .setSeconds(modified.getEpochSecond())
              .setNanos(modified.getNano()));
    }
    String digest = web.answer();
    if (digest != null) {
      response.setChecksumResponse(
          ChecksumResponse.newBuilder()
              .setDigest(digest)
              .setSuffix(request.getHTTP().getChecksumRequest().getSuffix()));
    }
    return response.build();
  }

  private static String name(SourceOp source) {
    String identifier = source.identifier();
    return identifier.substring((identifier.startsWith(IMAGE) ? IMAGE : LAYOUT).length());
  }

  private static String reference(SourceOp source) {
    return source.identifier().startsWith(IMAGE)
        ? name(source)
        : layout(
            name(source),
            source.attrs().getOrDefault("oci.store", ""),
            source.attrs().getOrDefault("oci.session", ""));
  }

  /** A session can be told where a digest is: only clients that know one have several. */
  private static String layout(String reference, String store, String session) {
    int digest = reference.lastIndexOf('@');
    if (digest < 0) {
      return LAYOUT + reference;
    }
    return LAYOUT
        + (store.isEmpty() ? reference : store + reference.substring(digest))
        + (session.isEmpty() ? "" : "#" + session);
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
