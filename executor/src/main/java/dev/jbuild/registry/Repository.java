package dev.jbuild.registry;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where images of one name live.
 *
 * @param domain as normalized names carry it, with the port if there is one: {@code docker.io}
 * @param path {@code library/alpine}
 */
public record Repository(String domain, String path) {
  private static final String ORIGIN = "docker-image://";
  private static final Pattern DOMAIN = Pattern.compile("[A-Za-z0-9.\\-\\[\\]:]{1,255}");
  private static final Pattern PATH =
      Pattern.compile("[a-z0-9]+(?:[._-]+[a-z0-9]+)*+(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*+)*+");

  public Repository {
    if (!DOMAIN.matcher(domain).matches()) {
      throw new IllegalArgumentException("repository: '" + domain + "' is no registry host");
    }
    if (path.length() > 255 || !PATH.matcher(path).matches()) {
      throw new IllegalArgumentException("repository: '" + path + "' is no repository name");
    }
  }

  /** The repository of such an origin; null for an origin of another kind. */
  public static @Nullable Repository ofOrigin(String origin) {
    String name = origin.substring(Math.min(origin.length(), ORIGIN.length()));
    int slash = name.indexOf('/');
    return origin.startsWith(ORIGIN) && slash >= 0
        ? new Repository(name.substring(0, slash), name.substring(slash + 1))
        : null;
  }

  /** How layers that come from here are marked: {@code docker-image://docker.io/library/alpine}. */
  public String origin() {
    return ORIGIN + this;
  }

  /** The right to read it, as token servers spell it. */
  String pullScope() {
    return "repository:" + path + ":pull";
  }

  /** The right to write it. */
  String pushScope() {
    return "repository:" + path + ":pull,push";
  }

  @Override
  public String toString() {
    return domain + "/" + path;
  }
}
