package dev.jbuild.dockerfile.remote;

import org.jspecify.annotations.Nullable;

/**
 * A git repository and what of it is meant. Empty texts and nulls say nothing.
 *
 * @param url without fragment and query, as git takes it
 * @param host with its port, without the user
 * @param path inside the host, with a slash in front
 * @param ref branch, tag or commit
 * @param subdirectory inside the repository
 * @param checksum the commit that must be found, or the start of its id
 * @param mtime what files' times are: when they were written, or when committed
 */
public record GitAddress(
    String url,
    String host,
    String path,
    String ref,
    String subdirectory,
    String checksum,
    @Nullable Boolean keepGitDir,
    @Nullable Boolean submodules,
    String mtime,
    @Nullable Boolean fetchByCommit) {

  /** Whether the repository is reached with the user's keys. */
  boolean isSsh() {
    return url.startsWith("ssh://") || !url.contains("://");
  }

  /** {@code host/path#ref:subdirectory}: the same for all ways to reach it. */
  String identifier() {
    String place = host + path;
    if (ref.isEmpty() && subdirectory.isEmpty()) {
      return place;
    }
    return place + "#" + ref + (subdirectory.isEmpty() ? "" : ":" + subdirectory);
  }

  /** The same with files' times: {@code commit} or {@code checkout}. */
  GitAddress withTimes(String times) {
    return new GitAddress(
        url, host, path, ref, subdirectory, checksum, keepGitDir, submodules, times, fetchByCommit);
  }

  /** The same with what an instruction says besides. */
  public GitAddress with(@Nullable Boolean keep, String commit) {
    return new GitAddress(
        url,
        host,
        path,
        ref,
        subdirectory,
        commit.isEmpty() ? checksum : commit,
        keep == null ? keepGitDir : keep,
        submodules,
        mtime,
        fetchByCommit);
  }
}
