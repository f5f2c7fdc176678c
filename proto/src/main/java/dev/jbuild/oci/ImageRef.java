package dev.jbuild.oci;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The name of an image in a registry, normalized. Source: the grammar of distribution's reference
 * package, as written down in the OCI facts, "Name normalization".
 *
 * @param domain host and port of the registry; {@code docker.io} where the text names none
 * @param path repository within it, lower case: {@code library/alpine}
 * @param tag or null; a parsed reference has a tag or a digest
 * @param digest wins over the tag; or null
 */
public record ImageRef(String domain, String path, @Nullable String tag, @Nullable Digest digest) {
  private static final String DEFAULT_DOMAIN = "docker.io";
  private static final String OFFICIAL = "library/";
  private static final int MAX_NAME_LENGTH = 255;

  private static final Pattern DOMAIN =
      Pattern.compile(
          "(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
              + "(?:\\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*"
              + "|\\[[0-9a-fA-F:]+\\])(?::[0-9]{1,5})?");
  private static final Pattern PATH_PART =
      Pattern.compile("[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*");
  private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}");
  private static final Pattern IDENTIFIER = Pattern.compile("[0-9a-f]{64}");

  public ImageRef {
    if (domain.equals(DEFAULT_DOMAIN) && path.indexOf('/') < 0) {
      path = OFFICIAL + path;
    }
    if (domain.length() + 1 + path.length() > MAX_NAME_LENGTH) {
      throw new IllegalArgumentException(
          "image reference: repository name is longer than 255 characters");
    }
    if (!DOMAIN.matcher(domain).matches()) {
      throw new IllegalArgumentException(
          "image reference: malformed registry host '" + domain + "'");
    }
    checkPath(path);
    if (tag != null && !TAG.matcher(tag).matches()) {
      throw new IllegalArgumentException(
          "image reference: malformed tag '"
              + tag
              + "', want up to 128 letters, digits, '_', '.' and '-', not starting with '.' or '-'");
    }
  }

  private static void checkPath(String path) {
    for (String part : path.split("/", -1)) {
      if (part.chars().anyMatch(c -> c >= 'A' && c <= 'Z')) {
        throw new IllegalArgumentException(
            "image reference: repository name must be lower case, got '" + path + "'");
      }
      if (!PATH_PART.matcher(part).matches()) {
        throw new IllegalArgumentException(
            "image reference: malformed repository name '"
                + path
                + "', want lower-case letters and digits, separated by '.', '_', '__', '-' or '/'");
      }
    }
  }

  /**
   * Reads a reference as users write it and completes it: {@code alpine} becomes {@code
   * docker.io/library/alpine:latest}.
   *
   * @throws IllegalArgumentException saying what is wrong with the text
   */
  public static ImageRef parse(String text) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException("image reference: is empty");
    }
    if (IDENTIFIER.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "image reference: 64 hex digits alone are no name, write 'name@sha256:" + text + "'");
    }
    String rest = text;
    Digest digest = null;
    int at = rest.indexOf('@');
    if (at >= 0) {
      digest = parseDigest(text, rest.substring(at + 1));
      rest = rest.substring(0, at);
    }
    String tag = null;
    int colon = rest.lastIndexOf(':');
    if (colon > rest.lastIndexOf('/')) {
      tag = rest.substring(colon + 1);
      rest = rest.substring(0, colon);
    }
    if (rest.isEmpty()) {
      throw new IllegalArgumentException("image reference: '" + text + "' has no repository name");
    }
    if (tag == null && digest == null) {
      tag = "latest";
    }
    return named(rest, tag, digest);
  }

  private static Digest parseDigest(String text, String digest) {
    try {
      return Digest.parse(digest);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "image reference: '"
              + text
              + "' has a malformed digest, want 'sha256:' and 64 hex digits",
          e);
    }
  }

  private static ImageRef named(String name, @Nullable String tag, @Nullable Digest digest) {
    int slash = name.indexOf('/');
    String first = slash < 0 ? "" : name.substring(0, slash);
    String domain = DEFAULT_DOMAIN;
    String path = name;
    if (looksLikeDomain(first)) {
      domain = first.equals("index." + DEFAULT_DOMAIN) ? DEFAULT_DOMAIN : first;
      path = name.substring(slash + 1);
    }
    return new ImageRef(domain, path, tag, digest);
  }

  private static boolean looksLikeDomain(String part) {
    return part.equals("localhost") || part.indexOf('.') >= 0 || part.indexOf(':') >= 0;
  }

  /** The repository with its registry: {@code docker.io/library/alpine}. */
  public String name() {
    return domain + "/" + path;
  }

  public ImageRef withDigest(Digest value) {
    return new ImageRef(domain, path, tag, value);
  }

  /** The shortest form that reads back as this reference: {@code alpine:3.20}. */
  public String familiar() {
    return familiarName() + suffix();
  }

  /** The familiar form without tag and digest. */
  public String familiarName() {
    if (!domain.equals(DEFAULT_DOMAIN)) {
      return name();
    }
    if (path.startsWith(OFFICIAL) && path.indexOf('/', OFFICIAL.length()) < 0) {
      return path.substring(OFFICIAL.length());
    }
    // a first part that looks like a host would be read back as one
    return looksLikeDomain(path.substring(0, path.indexOf('/'))) ? name() : path;
  }

  private String suffix() {
    return (tag == null ? "" : ":" + tag) + (digest == null ? "" : "@" + digest);
  }

  /** The full form: {@code docker.io/library/alpine:3.20@sha256:...}. */
  @Override
  public String toString() {
    return name() + suffix();
  }
}
