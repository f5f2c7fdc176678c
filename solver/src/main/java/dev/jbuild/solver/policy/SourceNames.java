package dev.jbuild.solver.policy;

import dev.jbuild.llb.LlbOp.SourceOp;
import dev.jbuild.oci.ImageRef;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The one name of a source that rules see, so that none is passed by under another spelling. */
final class SourceNames {
  static final String IMAGE = "docker-image://";
  private static final String GIT = "git://";
  private static final int SHOWN = 500;
  private static final String URL = "git.fullurl";

  /** Transport, user and the rest of a repository's URL. */
  private static final Pattern REMOTE =
      Pattern.compile("(?:([a-z+]+)://)?(?:([^/@]*)@)?(.*)", Pattern.DOTALL);

  private SourceNames() {}

  /** An image has its registry and its tag, a repository the place that it is fetched from. */
  static String of(SourceOp source) {
    String identifier = source.identifier();
    if (identifier.startsWith(IMAGE)) {
      try {
        return IMAGE + ImageRef.parse(identifier.substring(IMAGE.length()));
      } catch (IllegalArgumentException e) {
        // No image has such a name: the source itself will say so.
        return identifier;
      }
    }
    String url = source.attrs().getOrDefault(URL, "");
    if (!identifier.startsWith(GIT) || url.isEmpty()) {
      return identifier;
    }
    int hash = identifier.indexOf('#');
    String fragment = hash < 0 ? "" : identifier.substring(hash);
    String said = identifier.substring(GIT.length(), hash < 0 ? identifier.length() : hash);
    return place(said).equals(place(url)) ? identifier : GIT + place(url) + fragment;
  }

  /** {@code host/path} of a repository, however it is reached. */
  private static String place(String url) {
    Matcher remote = REMOTE.matcher(url);
    if (!remote.matches()) {
      throw new IllegalStateException("this matches any text");
    }
    String rest = remote.group(3);
    boolean likeScp = remote.group(1) == null && remote.group(2) != null;
    int colon = rest.indexOf(':');
    if (likeScp && colon >= 0 && rest.lastIndexOf('/', colon) < 0) {
      rest = rest.substring(0, colon) + "/" + rest.substring(colon + 1).replaceFirst("^/", "");
    }
    return rest;
  }

  /**
   * The attributes of a source that got another identifier. A repository's URL goes with it, by the
   * same transport; the user and password for the old place are not for the new one.
   */
  static Map<String, String> moved(SourceOp source, String identifier) {
    String url = source.attrs().getOrDefault(URL, "");
    if (url.isEmpty() || identifier.equals(source.identifier())) {
      return source.attrs();
    }
    var attrs = new TreeMap<>(source.attrs());
    attrs.remove(URL);
    if (identifier.startsWith(GIT)) {
      int hash = identifier.indexOf('#');
      String place = identifier.substring(GIT.length(), hash < 0 ? identifier.length() : hash);
      Matcher remote = REMOTE.matcher(url);
      boolean ssh = remote.matches() && (remote.group(1) == null || "ssh".equals(remote.group(1)));
      String user = ssh && remote.group(2) != null ? remote.group(2).replaceFirst(":.*", "") : "";
      boolean named = place.substring(0, place.indexOf('/') + 1).contains("@");
      attrs.put(
          URL,
          (ssh ? "ssh" : remote.group(1))
              + "://"
              + (user.isEmpty() || named ? "" : user + "@")
              + place);
    }
    return attrs;
  }

  /** For people: without the password that a URL may have, and not too long. */
  static String shown(String identifier) {
    String shown = identifier.replaceFirst("://[^/@]*@", "://");
    return shown.length() > SHOWN ? shown.substring(0, SHOWN) + "..." : shown;
  }
}
