package dev.jbuild.dockerfile.remote;

import dev.jbuild.llb.LlbOp;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Source ops of repositories and URLs. Source: LLB facts, section 2, schemes {@code git} and {@code
 * http}.
 */
public final class RemoteOps {
  private static final Pattern HTTP = Pattern.compile("https?://.*", Pattern.DOTALL);
  private static final String TRUE = "true";
  private static final String FALLBACK_NAME = "__unnamed__";

  private RemoteOps() {}

  /** Whether this is the URL of a file; ask for repositories first. */
  public static boolean isHttp(String text) {
    return HTTP.matcher(text).matches();
  }

  public static LlbOp.SourceOp git(GitAddress address) {
    var attrs = new TreeMap<String, String>();
    attrs.put("git.fullurl", address.url());
    attrs.put("git.authtokensecret", "GIT_AUTH_TOKEN");
    attrs.put("git.authheadersecret", "GIT_AUTH_HEADER");
    if (address.isSsh()) {
      attrs.put("git.mountsshsock", "default");
    }
    if (Boolean.TRUE.equals(address.keepGitDir())) {
      attrs.put("git.keepgitdir", TRUE);
    }
    if (Boolean.FALSE.equals(address.submodules())) {
      attrs.put("git.skipsubmodules", TRUE);
    }
    if (Boolean.TRUE.equals(address.fetchByCommit())) {
      attrs.put("git.fetchbycommit", TRUE);
    }
    if (!address.checksum().isEmpty()) {
      attrs.put("git.checksum", address.checksum());
    }
    if (!address.mtime().isEmpty()) {
      attrs.put("git.mtime", address.mtime());
    }
    return new LlbOp.SourceOp("git://" + address.identifier(), attrs);
  }

  /**
   * @param checksum digest that must be found, or empty
   */
  public static LlbOp.SourceOp http(String url, String filename, String checksum) {
    var attrs = new TreeMap<String, String>();
    attrs.put("http.filename", filename);
    if (!checksum.isEmpty()) {
      attrs.put("http.checksum", checksum);
    }
    return new LlbOp.SourceOp(url, attrs);
  }

  /** The last part of the URL's path; {@code __unnamed__} where it has none. */
  public static String filename(String url) {
    String path = url.replaceFirst("^https?://[^/?#]*", "").replaceFirst("[?#].*$", "");
    String trimmed = path.replaceFirst("/+$", "");
    String name = trimmed.substring(trimmed.lastIndexOf('/') + 1);
    return name.isEmpty() || name.equals(".") || name.equals("..") ? FALLBACK_NAME : name;
  }

  /** Whether {@link #filename} found one. */
  public static boolean hasFilename(String url) {
    return !filename(url).equals(FALLBACK_NAME);
  }
}
