package dev.jbuild.source;

import dev.jbuild.oci.Bytes;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What a source is that is no image. Source: wire facts, "ResolveSourceMetaResponse". */
public sealed interface SourceFacts {

  /**
   * A ref of a repository.
   *
   * @param ref in full; the commit itself where the build names that
   * @param object what the ref names: a commit, or an annotated tag
   * @param commit that the annotated tag names; empty where the ref names one itself
   * @param commitObject as git stores it, without its header; empty unless asked for
   * @param tagObject the same; empty also where there is no annotated tag
   */
  record Git(String ref, String object, String commit, Bytes commitObject, Bytes tagObject)
      implements SourceFacts {}

  /**
   * A file of the web.
   *
   * @param checksum with its algorithm
   * @param name that the file has in its tree
   * @param modified as the server says, null when it does not
   * @param answer to {@link SourceQuestion#hash}: a digest with its algorithm, null unless asked
   *     for
   */
  record Web(String checksum, String name, @Nullable Instant modified, @Nullable String answer)
      implements SourceFacts {}

  /** A blob: all that can be told of it is in its identifier. */
  record Blob() implements SourceFacts {}
}
