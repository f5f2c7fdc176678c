package dev.jbuild.dockerfile.remote;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The query of a repository's URL: {@code ?branch=main&subdir=x}. */
final class GitAddressQuery {
  private static final Set<String> KEYS =
      Set.of(
          "ref",
          "tag",
          "branch",
          "subdir",
          "checksum",
          "commit",
          "keep-git-dir",
          "submodules",
          "mtime",
          "fetch-by-commit");

  private final Map<String, String> values;

  GitAddressQuery(Map<String, String> values) {
    this.values = values;
  }

  GitAddress complete(String url, String host, String path, String ref, String subdirectory) {
    for (String key : values.keySet()) {
      if (!KEYS.contains(key)) {
        throw new IllegalArgumentException(
            "unknown query key '" + key + "', want " + String.join(", ", new TreeSet<>(KEYS)));
      }
    }
    String checksum = checksum();
    String wanted =
        one(
            "ref",
            ref,
            value("ref"),
            prefixed("tag", "refs/tags/"),
            prefixed("branch", "refs/heads/"));
    if (wanted.isEmpty() && GitAddressReader.isFullCommit(checksum)) {
      wanted = checksum;
    }
    String mtime = value("mtime");
    if (!mtime.isEmpty() && !GitAddressReader.isMtime(mtime)) {
      throw new IllegalArgumentException(
          "query key 'mtime' must be checkout or commit, got '" + mtime + "'");
    }
    return new GitAddress(
        url,
        host,
        path,
        wanted,
        one("subdir", subdirectory, value("subdir")),
        checksum,
        truth("keep-git-dir"),
        truth("submodules"),
        mtime,
        truth("fetch-by-commit"));
  }

  private String checksum() {
    String checksum = one("checksum", value("checksum"), value("commit"));
    if (!checksum.isEmpty() && !GitAddressReader.isCommit(checksum)) {
      throw new IllegalArgumentException(
          "query key 'checksum' must be a commit's id, got '" + checksum + "'");
    }
    return checksum;
  }

  /** The one that is given; several must not differ. */
  private static String one(String what, String... given) {
    String found = "";
    for (String text : List.of(given)) {
      if (!text.isEmpty() && !found.isEmpty() && !text.equals(found)) {
        throw new IllegalArgumentException(
            "'" + what + "' is given as '" + found + "' and as '" + text + "'");
      }
      found = found.isEmpty() ? text : found;
    }
    return found;
  }

  private String prefixed(String key, String prefix) {
    String value = value(key);
    return value.isEmpty() || value.startsWith(prefix) ? value : prefix + value;
  }

  private @Nullable Boolean truth(String key) {
    String value = values.get(key);
    if (value == null) {
      return null;
    }
    return switch (value) {
      case "", "1", "t", "T", "true", "TRUE", "True" -> true;
      case "0", "f", "F", "false", "FALSE", "False" -> false;
      default ->
          throw new IllegalArgumentException(
              "query key '" + key + "' must be true or false, got '" + value + "'");
    };
  }

  private String value(String key) {
    return values.getOrDefault(key, "");
  }
}
