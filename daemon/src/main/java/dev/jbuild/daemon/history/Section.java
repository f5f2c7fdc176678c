package dev.jbuild.daemon.history;

import dev.jbuild.oci.Digest;

/**
 * A part of a record's file, which clients read like a blob.
 *
 * @param offset in the file
 */
public record Section(Kind kind, Digest digest, long offset, long size) {

  /** What is in it; the media types of the first two are BuildKit's. */
  public enum Kind {
    /** Status messages, each behind its length in four bytes, the lowest first. */
    LOGS("logs", "application/vnd.buildkit.status.v0"),
    /** A {@code google.rpc.Status} with details; clients know the type by its misspelt name. */
    ERROR("error", "application/vnd.googeapis.google.rpc.status+proto"),
    /** Why steps ran or did not: a JSON array of objects with digest, time and text. */
    TRACE("trace", "application/vnd.dev.jbuild.trace.v1+json"),
    /** What steps did in their networks: the ledger's JSON. */
    NETWORK("network", "application/vnd.dev.jbuild.network.v1+json");

    private final String word;
    private final String mediaType;

    Kind(String word, String mediaType) {
      this.word = word;
      this.mediaType = mediaType;
    }

    String word() {
      return word;
    }

    public String mediaType() {
      return mediaType;
    }
  }
}
