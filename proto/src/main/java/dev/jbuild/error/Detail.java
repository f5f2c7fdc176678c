package dev.jbuild.error;

import dev.jbuild.oci.Bytes;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Machine-readable additions to a failure, relayed to clients. */
public sealed interface Detail {

  /** The exit code of a step's process, 0 to 255. */
  record ProcessExit(int code) implements Detail {}

  /**
   * The place in a source file that the failure is about.
   *
   * @param filename as the user knows it, {@code Dockerfile}
   * @param text the whole file
   * @param language {@code Dockerfile}, or empty
   * @param ranges never empty; lines are 1-based, characters 0-based
   */
  record Source(String filename, String text, String language, List<Lines> ranges)
      implements Detail {
    public Source {
      ranges = List.copyOf(ranges);
    }
  }

  /** A range of a source file; the end is inclusive by line, exclusive by character. */
  record Lines(int startLine, int startCharacter, int endLine, int endCharacter) {}

  /** The vertex that failed: digest as {@code sha256:...} and name. */
  record FailedVertex(String digest, String name) implements Detail {}

  /**
   * What the failed vertex was to do, and on what.
   *
   * @param op as received
   * @param inputs refs of what it worked on, empty texts where there is none: of a step one for
   *     each of its mounts, else one for each of its inputs
   * @param mounts refs of what a step's mounts show, one for each; none where it is no step
   * @param description of the vertex, such as {@code llb.customname}
   */
  record FailedOp(
      Bytes op, List<String> inputs, List<String> mounts, Map<String, String> description)
      implements Detail {
    public FailedOp {
      inputs = List.copyOf(inputs);
      mounts = List.copyOf(mounts);
      description = Collections.unmodifiableMap(new TreeMap<>(description));
    }
  }

  /**
   * A grant that is missing.
   *
   * @param entitlement such as {@code network.host}
   * @param side who did not grant it
   * @param remedy the exact flag or line that gives it
   */
  record MissingGrant(String entitlement, Side side, String remedy) implements Detail {}

  /**
   * A source that a policy does not let the build use.
   *
   * @param source its identifier
   * @param rule which one and where it came from: {@code rule 2 of the build's source policy}
   */
  record DeniedSource(String source, String rule) implements Detail {}

  /**
   * The frontend whose work failed.
   *
   * @param name {@code dockerfile.v0}
   * @param source the image that it runs from, or empty
   */
  record FailedFrontend(String name, String source) implements Detail {}

  /** A capability that the request wants of its frontend, and that this one does not have. */
  record MissingCapability(String name) implements Detail {}

  /** A question that the frontend does not answer; clients then ask a newer frontend. */
  record UnknownRequest(String name) implements Detail {}

  /**
   * What another program said of its failure, in a type that is not known here: carried along as it
   * is.
   *
   * @param typeUrl exactly as received
   */
  record Relayed(String typeUrl, Bytes value) implements Detail {}

  /** Who must grant an entitlement. */
  enum Side {
    DAEMON,
    REQUEST
  }
}
