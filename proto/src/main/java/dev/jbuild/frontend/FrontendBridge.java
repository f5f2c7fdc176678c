package dev.jbuild.frontend;

import dev.jbuild.llb.OpNode;
import dev.jbuild.llb.SourceInfo;
import dev.jbuild.llb.SourceRange;
import dev.jbuild.netplan.HostPorts;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Digest;
import dev.jbuild.oci.Platform;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** All that a frontend may ask of the outside. Safe for use by several threads. */
public interface FrontendBridge {

  /**
   * Finds an image and reads its config.
   *
   * @param reference normalized, with tag or digest: {@code docker.io/library/alpine:3.20}
   * @param logName shown as the vertex's name: {@code [internal] load metadata for ...}
   */
  ResolvedImage resolveImage(String reference, Platform platform, ResolveMode mode, String logName)
      throws InterruptedException;

  /** Reads a file from a graph's result; empty if there is none of that path. At most 16 MiB. */
  Optional<Bytes> readFile(OpNode.Output source, String path) throws InterruptedException;

  /**
   * The start of a file, which may itself be longer than {@link #readFile} reads.
   *
   * @param maxBytes at most so many are given
   */
  default Optional<Bytes> readHead(OpNode.Output source, String path, int maxBytes)
      throws InterruptedException {
    return readFile(source, path)
        .map(all -> Bytes.copyOf(Arrays.copyOf(all.toArray(), Math.min(all.size(), maxBytes))));
  }

  /**
   * The newest modification time of all files and directories of a graph's result; empty where the
   * bridge knows of none.
   */
  default Optional<Instant> newest(OpNode.Output source) throws InterruptedException {
    return Optional.empty();
  }

  /** Ports of the host that isolated steps of this build reach at their localhost. */
  default List<HostPorts> hostPorts() {
    return List.of();
  }

  /** The platforms that the worker runs natively or emulated, its own first; never empty. */
  List<Platform> platforms();

  /**
   * Lets the frontend of an image make the result.
   *
   * @param request with the option {@code source}, the image
   * @return empty where no frontend but the daemon's own runs
   */
  default Optional<FrontendResult> delegate(FrontendRequest request) throws InterruptedException {
    return Optional.empty();
  }

  /** Shows a warning to the user. */
  void warn(Warning warning);

  /**
   * @param digest of the manifest for the platform
   * @param config JSON as received
   */
  record ResolvedImage(String reference, Digest digest, Bytes config) {}

  /** Where to look for an image: {@code image-resolve-mode}. */
  enum ResolveMode {
    DEFAULT,
    PULL,
    LOCAL
  }

  /** A remark about the source. */
  record Warning(
      String shortText,
      List<String> detail,
      String url,
      SourceInfo info,
      List<SourceRange> ranges) {
    public Warning {
      detail = List.copyOf(detail);
      ranges = List.copyOf(ranges);
    }
  }
}
