package dev.jbuild.dockerfile.remote;

import dev.jbuild.llb.LlbOp;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Source ops of repositories and URLs. Source: LLB facts, section 2, schemes {@code git} and {@code
 * http}.
 */
public final class RemoteOps {
  private static final Pattern HTTP = Pattern.compile("https?://.*", Pattern.DOTALL);
  private static final Pattern HOST = Pattern.compile("^https?://[^/?#]*");
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

  /**
   * The last part of the URL's path, {@code %20} read as a blank; {@code __unnamed__} where it has
   * none that a file can have.
   */
  public static String filename(String url) {
    String path = HOST.matcher(url).replaceFirst("");
    int end = 0;
    while (end < path.length() && path.charAt(end) != '?' && path.charAt(end) != '#') {
      end++;
    }
    String name = lastPart(path.substring(0, end));
    String decoded = decoded(name);
    // A slash or a zero that was hidden is no part of a name.
    boolean usable = decoded.indexOf('/') < 0 && decoded.indexOf('\0') < 0;
    String shown = usable ? decoded : name;
    return shown.isEmpty() || shown.equals(".") || shown.equals("..") ? FALLBACK_NAME : shown;
  }

  private static String lastPart(String path) {
    int end = path.length();
    while (end > 0 && path.charAt(end - 1) == '/') {
      end--;
    }
    return path.substring(path.lastIndexOf('/', end - 1) + 1, end);
  }

  /** As written where a percent sign does not begin a byte, or the bytes are no UTF-8. */
  private static String decoded(String name) {
    if (name.indexOf('%') < 0) {
      return name;
    }
    var bytes = new ByteArrayOutputStream();
    for (int at = 0; at < name.length(); ) {
      int value = name.charAt(at) == '%' ? hex(name, at + 1) : -1;
      if (value >= 0) {
        bytes.write(value);
        at += 3;
      } else if (name.charAt(at) == '%') {
        return name;
      } else {
        int next = name.offsetByCodePoints(at, 1);
        bytes.writeBytes(name.substring(at, next).getBytes(StandardCharsets.UTF_8));
        at = next;
      }
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes.toByteArray()))
          .toString();
    } catch (CharacterCodingException e) {
      return name;
    }
  }

  private static int hex(String text, int at) {
    if (at + 2 > text.length()) {
      return -1;
    }
    int high = Character.digit(text.charAt(at), 16);
    int low = Character.digit(text.charAt(at + 1), 16);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
  }

  /** Whether {@link #filename} found one. */
  public static boolean hasFilename(String url) {
    return !filename(url).equals(FALLBACK_NAME);
  }
}
