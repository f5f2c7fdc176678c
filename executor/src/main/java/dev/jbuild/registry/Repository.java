package dev.jbuild.registry;

import java.util.regex.Pattern;

/**
 * Where images of one name live.
 *
 * @param domain as normalized names carry it, with the port if there is one: {@code docker.io}
 * @param path {@code library/alpine}
 */
public record Repository(String domain, String path) {
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
