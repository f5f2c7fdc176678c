package dev.jbuild.dockerfile.remote;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Tells git repositories from other texts and reads them: {@code git://}, {@code ssh://}, {@code
 * user@host:path}, {@code http(s)://....git}, with {@code #ref:subdirectory} or {@code ?ref=...}.
 * Source: dockerfile-frontend-opts.md, section 1, "git query keys".
 */
public final class GitAddressReader {
  private static final String SHORT_HOST = "github.com/";
  private static final Pattern URL =
      Pattern.compile(
          "(git|ssh|https?)://(?:[^/@]*@)?([^/?#]+)(/[^?#]*)?(?:\\?([^#]*))?(?:#(.*))?");
  private static final Pattern SCP =
      Pattern.compile("([A-Za-z0-9_.-]+)@([A-Za-z0-9_.-]+):([^?#]+)(?:\\?([^#]*))?(?:#(.*))?");
  private static final Pattern FULL_COMMIT = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{1,64}");
  private static final List<String> MTIMES = List.of("checkout", "commit");

  private GitAddressReader() {}

  /**
   * The address, or null for a text that names no repository for sure.
   *
   * @throws IllegalArgumentException for one with a query or fragment that cannot be read
   */
  public static @Nullable GitAddress read(String text) {
    Matcher scp = SCP.matcher(text);
    if (scp.matches()) {
      String path = scp.group(3);
      String url = scp.group(1) + "@" + scp.group(2) + ":" + path;
      return read(url, scp.group(2), rooted(path), scp.group(4), scp.group(5));
    }
    Matcher matcher = URL.matcher(text);
    if (!matcher.matches()) {
      return null;
    }
    String path = matcher.group(3) == null ? "" : matcher.group(3);
    if (matcher.group(1).startsWith("http") && !path.endsWith(".git")) {
      return null;
    }
    int end = matcher.end(3) < 0 ? matcher.end(2) : matcher.end(3);
    return read(
        text.substring(0, end), matcher.group(2), rooted(path), matcher.group(4), matcher.group(5));
  }

  /** As {@link #read}, and {@code github.com/...} too, which might be a path elsewhere. */
  public static @Nullable GitAddress readContext(String text) {
    return read(text.startsWith(SHORT_HOST) ? "https://" + withSuffix(text) : text);
  }

  private static String withSuffix(String text) {
    int end = text.length();
    for (char c : new char[] {'?', '#'}) {
      int at = text.indexOf(c);
      end = at < 0 ? end : Math.min(end, at);
    }
    String path = text.substring(0, end);
    return path.endsWith(".git") ? text : path + ".git" + text.substring(end);
  }

  private static String rooted(String path) {
    return path.startsWith("/") || path.isEmpty() ? path : "/" + path;
  }

  private static GitAddress read(
      String url, String host, String path, @Nullable String query, @Nullable String fragment) {
    String ref = fragment == null ? "" : fragment;
    String subdirectory = "";
    int colon = ref.indexOf(':');
    if (colon >= 0) {
      subdirectory = ref.substring(colon + 1);
      ref = ref.substring(0, colon);
    }
    var values = new TreeMap<String, String>();
    for (String pair : query == null || query.isEmpty() ? List.<String>of() : pairs(query)) {
      int equals = pair.indexOf('=');
      String key = decoded(equals < 0 ? pair : pair.substring(0, equals));
      String value = equals < 0 ? "" : decoded(pair.substring(equals + 1));
      if (values.put(key, value) != null) {
        throw new IllegalArgumentException("query key '" + key + "' is given twice");
      }
    }
    return new GitAddressQuery(values).complete(url, host, path, ref, subdirectory);
  }

  private static List<String> pairs(String query) {
    return List.of(query.split("&", -1));
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  /** Whether a text may be a commit's id or the start of one. */
  public static boolean isCommit(String text) {
    return COMMIT.matcher(text).matches();
  }

  static boolean isFullCommit(String text) {
    return FULL_COMMIT.matcher(text).matches();
  }

  static boolean isMtime(String text) {
    return MTIMES.contains(text);
  }
}
